// SPDX-License-Identifier: Apache-2.0

package refserver

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/reference-server/engine"
	"github.com/scimproof/scimproof/reference-server/product"
	"github.com/scimproof/scimproof/reference-server/store"
)

// maxOperations is how many operations a bulk request holds at most.
const maxOperations = 1000

// job is a bulk request, RFC 7644 §3.7. Operations are done in the order given,
// but that one which refers to a resource made later waits for it. Each is
// atomic by itself; those that refer to each other in a circle are so together.
type job struct {
	*call
	operations []*operation
	posts      map[string]*operation // by bulkId
	tolerated  int                   // errors after which nothing more is done; 0: any number
	failed     int
}

// together is a transaction that several operations share.
type together struct {
	tx      store.Tx
	pending []*product.Pending
}

// bulk answers POST /Bulk. What can be read as a job is answered with 200,
// whatever becomes of its operations.
func (c *call) bulk() (*reply, error) {
	if err := c.only(http.MethodPost); err != nil {
		return nil, err
	}
	o, err := c.object()
	if large := (*http.MaxBytesError)(nil); errors.As(err, &large) {
		return nil, refusal(http.StatusRequestEntityTooLarge, "", "the request exceeds maxPayloadSize, %d bytes", large.Limit)
	}
	if err != nil {
		return nil, err
	}
	j, err := c.job(o)
	if err != nil {
		return nil, err
	}
	if err := j.run(); err != nil {
		return nil, err
	}
	return &reply{status: http.StatusOK, body: j.response()}, nil
}

// job reads a bulk request. A bulkId that two operations share would make
// references mean two things, so nothing of such a job is done.
func (c *call) job(o *engine.Object) (*job, error) {
	if schemas := o.Array("schemas"); len(schemas) != 1 || schemas[0] != any(scim.BulkRequestURN) {
		return nil, refusal(http.StatusBadRequest, scim.InvalidSyntax, "schemas must name %s alone", scim.BulkRequestURN)
	}
	list := o.Array("Operations")
	switch {
	case len(list) == 0:
		return nil, refusal(http.StatusBadRequest, scim.InvalidSyntax, "Operations: an array of one or more operations is expected")
	case len(list) > maxOperations:
		return nil, refusal(http.StatusRequestEntityTooLarge, "", "the request exceeds maxOperations, %d operations", maxOperations)
	}
	j := &job{call: c, posts: map[string]*operation{}}
	if v, _ := o.Get("failOnErrors"); v != nil {
		n, _ := v.(engine.Number)
		var err error
		if j.tolerated, err = strconv.Atoi(string(n)); err != nil || j.tolerated < 1 {
			return nil, refusal(http.StatusBadRequest, scim.InvalidValue, "failOnErrors must be a positive integer")
		}
	}
	for i, v := range list {
		in, ok := v.(*engine.Object)
		if !ok {
			return nil, refusal(http.StatusBadRequest, scim.InvalidSyntax, "Operations[%d]: an object is expected", i)
		}
		op := c.operation(in)
		if op.method == http.MethodPost && op.bulkID != "" {
			if j.posts[op.bulkID] != nil {
				return nil, refusal(http.StatusBadRequest, scim.InvalidValue, "Operations[%d]: the bulkId is used twice", i)
			}
			j.posts[op.bulkID] = op
		}
		j.operations = append(j.operations, op)
	}
	for _, op := range j.operations {
		op.refer(j.posts)
	}
	return j, nil
}

// run does what can be done, in the order given but for what has to wait. O(n)
// for n operations and references.
func (j *job) run() error {
	for _, op := range j.operations {
		op.reached = true
		if err := j.doAll([]*operation{op}); err != nil {
			return err
		}
	}
	circle := j.circle()
	if len(circle) == 0 || j.over() {
		return nil
	}
	j.doTogether(circle)
	for _, op := range circle {
		if err := j.doAll(op.release()); err != nil {
			return err
		}
	}
	return nil
}

// doAll does the operations that wait for nothing, and then those that waited
// for them and whose turn it has been.
func (j *job) doAll(queue []*operation) error {
	for ; len(queue) > 0; queue = queue[1:] {
		op := queue[0]
		if !op.reached || op.waiting > 0 && !op.known || op.done() || j.over() {
			continue
		}
		if err := j.r.Context().Err(); err != nil {
			return err
		}
		j.do(op)
		queue = append(queue, op.release()...)
	}
	return nil
}

func (j *job) over() bool { return j.tolerated > 0 && j.failed >= j.tolerated }

// circle returns the operations that refer to one another: those that are left
// when the ones that nobody waits for are taken away, again and again.
func (j *job) circle() []*operation {
	waiters := map[*operation]int{}
	var free []*operation
	for _, op := range j.operations {
		if op.done() {
			continue
		}
		if waiters[op] = len(op.dependents); waiters[op] == 0 {
			free = append(free, op)
		}
	}
	for ; len(free) > 0; free = free[1:] {
		delete(waiters, free[0])
		for _, target := range free[0].needs {
			if waiters[target]--; waiters[target] == 0 {
				free = append(free, target)
			}
		}
	}
	return slices.DeleteFunc(slices.Clone(j.operations), func(op *operation) bool { return waiters[op] <= 0 })
}

// do carries out one operation.
func (j *job) do(op *operation) {
	rep, err := op.rep, op.err
	if err == nil {
		rep, err = j.attempt(op, nil)
	}
	j.settle(op, rep, err)
}

func (j *job) settle(op *operation, rep *reply, err error) {
	if op.rep, op.err, op.known = rep, err, false; err != nil {
		j.failed++
	} else if rep.id != "" {
		op.id = rep.id
	}
}

// attempt answers an operation as if it were a request of its own.
func (j *job) attempt(op *operation, shared *together) (*reply, error) {
	if err := op.resolve(); err != nil {
		return nil, err
	}
	c := *j.call
	c.r, c.data, c.shared, c.id = op.request(j.r.Context()), op.data, shared, op.id
	e, id, err := c.target(op)
	if err != nil {
		return nil, err
	}
	if shared != nil { // the refusal of one is no news when all are given up
		return c.create(e)
	}
	if id == "" {
		return c.resources(e, nil)
	}
	return c.resource(e, id)
}

// doTogether creates resources that refer to each other, all or none: their ids
// are given out before. Groups cannot be members of each other, RFC 7644
// §3.7.1 allows to give up with 409.
func (j *job) doTogether(circle []*operation) {
	var culprit *operation
	var reason error
	replies := make([]*reply, len(circle))
	var shared *together
	for _, op := range circle {
		op.id = j.s.newID()
	}
	err := j.s.store.Update(j.r.Context(), func(tx store.Tx) error {
		shared = &together{tx: tx}
		for i, op := range circle {
			e, _, err := j.target(op)
			if err == nil && e.kind == groupKind {
				err = refusal(http.StatusConflict, "", "groups cannot be members of each other")
			}
			if err == nil {
				replies[i], err = j.attempt(op, shared)
			}
			if err == nil && replies[i].id != op.id {
				err = refusal(http.StatusConflict, "", "the resource is known already, under another id than the operations that refer to it were told")
			}
			if err != nil {
				culprit, reason = op, err
				return err
			}
		}
		return nil
	})
	if err == nil {
		for _, p := range shared.pending {
			j.s.org.Committed(p)
		}
	}
	for i, op := range circle {
		switch {
		case err == nil:
			j.settle(op, replies[i], nil)
		case op == culprit:
			j.settle(op, nil, reason)
		default:
			j.settle(op, nil, refusal(http.StatusConflict, "", "an operation that it refers to in a circle has failed"))
		}
	}
}

// response writes the BulkResponse: the results of what was done, in the order
// of the request.
func (j *job) response() []byte {
	results := []any{}
	for _, op := range j.operations {
		if op.done() {
			results = append(results, j.result(op))
		}
	}
	return engine.NewObject("schemas", []any{scim.BulkResponseURN}, "Operations", results).Append(nil)
}

// result tells what became of one operation, RFC 7644 §3.7.3.
func (j *job) result(op *operation) *engine.Object {
	o := engine.NewObject("method", op.method)
	set := func(name, value string) {
		if value != "" {
			o.Set(name, value)
		}
	}
	set("bulkId", op.bulkID)
	if op.err == nil {
		set("version", op.rep.etag)
		location := op.rep.location
		if location == "" {
			location = j.base + "/" + strings.TrimPrefix(op.path, "/")
		}
		set("location", location)
		set("status", strconv.Itoa(op.rep.status))
		return o
	}
	e, foreseen := wireError(op.err)
	if !foreseen {
		j.s.log.Error("bulk operation failed", "method", op.method, "path", op.path, "error", op.err)
	}
	if op.method != http.MethodPost {
		set("location", j.base+"/"+strings.TrimPrefix(op.path, "/"))
	}
	set("status", strconv.Itoa(e.Status))
	o.Set("response", j.errorBody(e))
	return o
}
