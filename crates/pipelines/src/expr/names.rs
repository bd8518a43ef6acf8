//! What a condition speaks about, for whoever checks it before it is ever asked.

use std::collections::BTreeSet;

use cel::common::ast::{EntryExpr, Expr, IdedExpr};

use super::{Error, parse};

/// The functions and macros that a condition may call.
pub(crate) const FUNCTIONS: [&str; 28] = [
    "all",
    "contains",
    "double",
    "duration",
    "endsWith",
    "exists",
    "existsOne",
    "exists_one",
    "filter",
    "getDate",
    "getDayOfMonth",
    "getDayOfWeek",
    "getDayOfYear",
    "getFullYear",
    "getHours",
    "getMilliseconds",
    "getMinutes",
    "getMonth",
    "getSeconds",
    "has",
    "int",
    "map",
    "matches",
    "size",
    "startsWith",
    "string",
    "timestamp",
    "uint",
];

/// A name that a condition uses.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reference {
    /// `input.a.b` as `["input", "a", "b"]`, as far as it is spelt out.
    Path(Vec<String>),
    /// A function that is called.
    Function(String),
}

/// Every path and function of a condition, each once.
///
/// # Errors
/// The condition is no CEL expression.
pub(crate) fn references(source: &str) -> Result<Vec<Reference>, Error> {
    let mut found = Found::default();
    found.visit(&parse(source)?);
    Ok(found.references.into_iter().collect())
}

#[derive(Default)]
struct Found {
    references: BTreeSet<Reference>,
    /// Variables of the macros around.
    locals: Vec<String>,
}

impl Found {
    fn visit(&mut self, expr: &IdedExpr) {
        if let Some(path) = path(expr) {
            let local = path.first().is_some_and(|root| root.starts_with('@') || self.locals.contains(root));
            if !local {
                self.references.insert(Reference::Path(path));
            }
            return;
        }
        match &expr.expr {
            Expr::Select(select) => self.visit(&select.operand),
            Expr::Call(call) => {
                if call.func_name.starts_with(|first: char| first.is_ascii_alphabetic()) {
                    self.references.insert(Reference::Function(call.func_name.clone()));
                }
                call.target.iter().for_each(|target| self.visit(target));
                call.args.iter().for_each(|argument| self.visit(argument));
            }
            Expr::List(list) => list.elements.iter().for_each(|item| self.visit(item)),
            Expr::Map(map) => {
                for entry in &map.entries {
                    if let EntryExpr::MapEntry(entry) = &entry.expr {
                        self.visit(&entry.key);
                        self.visit(&entry.value);
                    }
                }
            }
            Expr::Comprehension(of) => {
                self.visit(&of.iter_range);
                self.visit(&of.accu_init);
                self.locals.push(of.iter_var.clone());
                self.visit(&of.loop_cond);
                self.visit(&of.loop_step);
                self.visit(&of.result);
                self.locals.pop();
            }
            Expr::Struct(of) => {
                self.references.insert(Reference::Function(of.type_name.clone()));
            }
            Expr::Ident(_) | Expr::Literal(_) | Expr::Unspecified => {}
        }
    }
}

/// `a.b.c`, also inside `has(a.b.c)`.
fn path(expr: &IdedExpr) -> Option<Vec<String>> {
    match &expr.expr {
        Expr::Ident(name) => Some(vec![name.clone()]),
        Expr::Select(select) => {
            let mut path = path(&select.operand)?;
            path.push(select.field.clone());
            Some(path)
        }
        _ => None,
    }
}
