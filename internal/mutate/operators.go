// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"go/ast"
	"go/token"
)

// node makes the mutants of one node.
func (m *mutator) node(n ast.Node) {
	switch n := n.(type) {
	case *ast.BinaryExpr:
		m.binary(n)
	case *ast.IfStmt:
		m.condition(n.Cond)
	case *ast.ForStmt:
		if n.Cond != nil {
			m.condition(n.Cond)
		}
	case *ast.BlockStmt:
		m.statements(n.List)
	case *ast.CaseClause:
		m.statements(n.Body)
	case *ast.ReturnStmt:
		for _, r := range n.Results {
			if id, ok := r.(*ast.Ident); ok && (id.Name == "true" || id.Name == "false") {
				m.negate(r)
			}
		}
	case *ast.IndexExpr:
		m.shift(n.Index)
	case *ast.SliceExpr:
		m.shift(n.Low)
		m.shift(n.High)
	}
}

// binary swaps the operator of a comparison or of a junction.
func (m *mutator) binary(n *ast.BinaryExpr) {
	switch n.Op {
	case token.EQL, token.NEQ:
		m.negate(n)
	case token.LSS, token.GTR:
		m.negate(n)
		m.wrap(n, "(", fmt.Sprintf(" || mutated(%d) && (%s) == (%s))", m.add(n, "or equal"), m.code(n.X), m.code(n.Y)))
	case token.LEQ, token.GEQ:
		m.negate(n)
		m.wrap(n, "(", fmt.Sprintf(" && !(mutated(%d) && (%s) == (%s)))", m.add(n, "not equal"), m.code(n.X), m.code(n.Y)))
	case token.LAND, token.LOR:
		// De Morgan: with the mutant on, both sides and the whole are negated.
		k := m.add(n, map[token.Token]string{token.LAND: "and becomes or", token.LOR: "or becomes and"}[n.Op])
		on := fmt.Sprintf(" != mutated(%d))", k)
		m.wrap(n, "((", ")"+on)
		m.wrap(n.X, "((", ")"+on)
		m.wrap(n.Y, "((", ")"+on)
	}
}

// negate turns a truth around.
func (m *mutator) negate(n ast.Expr) {
	m.wrap(n, "((", fmt.Sprintf(") != mutated(%d))", m.add(n, "negated")))
}

// condition negates what binary does not.
func (m *mutator) condition(n ast.Expr) {
	if _, ok := n.(*ast.BinaryExpr); !ok {
		m.negate(n)
	}
}

// statements drops each statement that the code compiles without.
func (m *mutator) statements(list []ast.Stmt) {
	for _, s := range list {
		switch s := s.(type) {
		case *ast.ExprStmt:
			if call, ok := s.X.(*ast.CallExpr); ok && m.code(call.Fun) == "panic" {
				continue // the end of a function may rest on it
			}
		case *ast.AssignStmt:
			if s.Tok == token.DEFINE {
				continue
			}
		case *ast.BranchStmt:
			if s.Tok == token.FALLTHROUGH || s.Tok == token.GOTO {
				continue
			}
		case *ast.IncDecStmt:
		default:
			continue
		}
		m.wrap(s, fmt.Sprintf("if !mutated(%d) { ", m.add(s, "dropped")), " }")
	}
}

// shift makes a number that counts elements one more.
func (m *mutator) shift(n ast.Expr) {
	if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.INT {
		m.wrap(n, "(", fmt.Sprintf(" + shifted(%d))", m.add(n, "one more")))
	}
}
