//! The evaluator: walks CEL's syntax tree by our rules of null and truth, and leaves the rest (arithmetic, order,
//! functions) to the CEL crate.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use cel::common::ast::{CallExpr, ComprehensionExpr, EntryExpr, Expr, IdedExpr, SelectExpr, operators};
use cel::objects::{Key, Map};
use cel::{Context, Env, Value};
use serde_json::Value as Json;

use super::Error;

/// Work a condition may do; a comparison takes three steps, a kilobyte of text built takes four.
pub(super) const MAX_STEPS: u32 = 50_000;

static STANDARD: LazyLock<Arc<Env>> = LazyLock::new(|| Arc::new(Env::stdlib()));

/// Rule 2: what holds.
pub(super) fn is_true(value: &Value) -> bool {
    match value {
        Value::Float(f) => !f.is_nan() && *f != 0.0,
        other => !other.is_zero(),
    }
}

pub(super) struct Evaluator<'a> {
    scope: &'a Json,
    /// Variables of macros, innermost last.
    locals: Vec<(&'a str, Value)>,
    steps: u32,
}

impl<'a> Evaluator<'a> {
    pub(super) const fn new(scope: &'a Json) -> Self {
        Self { scope, locals: Vec::new(), steps: 0 }
    }

    pub(super) fn value<'e: 'a>(&mut self, expr: &'e IdedExpr) -> Result<Value, Error> {
        self.spend(1)?;
        match &expr.expr {
            Expr::Literal(literal) => {
                Value::try_from(literal.to_val().as_ref()).map_err(|error| Error::Evaluate(error.to_string()))
            }
            Expr::Ident(name) => Ok(self.name(name)),
            Expr::Select(select) => self.select(select),
            Expr::Call(call) => self.call(call),
            Expr::List(list) => {
                let items =
                    list.elements.iter().map(|item| self.value(item)).collect::<Result<Vec<_>, _>>()?;
                Ok(Value::List(Arc::new(items)))
            }
            Expr::Map(map) => {
                let mut entries = HashMap::new();
                for entry in &map.entries {
                    let EntryExpr::MapEntry(entry) = &entry.expr else {
                        return Err(unsupported("this map entry"));
                    };
                    let key: Key = self
                        .value(&entry.key)?
                        .try_into()
                        .map_err(|_| unsupported("a map key of this type"))?;
                    entries.insert(key, self.value(&entry.value)?);
                }
                Ok(Value::Map(Map { map: Arc::new(entries) }))
            }
            Expr::Comprehension(comprehension) => self.comprehension(comprehension),
            Expr::Struct(_) => Err(unsupported("a message literal")),
            Expr::Unspecified => Err(unsupported("an empty expression")),
        }
    }

    fn truth<'e: 'a>(&mut self, expr: &'e IdedExpr) -> Result<bool, Error> {
        Ok(is_true(&self.value(expr)?))
    }

    fn name(&self, name: &str) -> Value {
        match self.locals.iter().rev().find(|(local, _)| *local == name) {
            Some((_, value)) => value.clone(),
            None => self.scope.get(name).map_or(Value::Null, from_json),
        }
    }

    /// `a.b` and `has(a.b)`; a path of names is looked up in the scope without converting what lies around it.
    fn select<'e: 'a>(&mut self, select: &'e SelectExpr) -> Result<Value, Error> {
        let found = match self.look_up(&select.operand) {
            Some(json) => json.get(&select.field).map_or(Value::Null, from_json),
            None => member(&self.value(&select.operand)?, &Value::String(Arc::new(select.field.clone()))),
        };
        Ok(if select.test { Value::Bool(!matches!(found, Value::Null)) } else { found })
    }

    /// What a path of names (`input.a.b`) leads to; null where it breaks off, none if it is no path into the scope.
    fn look_up(&self, expr: &IdedExpr) -> Option<&'a Json> {
        match &expr.expr {
            Expr::Ident(name) if self.locals.iter().any(|(local, _)| local == name) => None,
            Expr::Ident(name) => Some(self.scope.get(name).unwrap_or(&Json::Null)),
            Expr::Select(select) if !select.test => {
                self.look_up(&select.operand).map(|json| json.get(&select.field).unwrap_or(&Json::Null))
            }
            _ => None,
        }
    }

    fn call<'e: 'a>(&mut self, call: &'e CallExpr) -> Result<Value, Error> {
        match (call.func_name.as_str(), call.args.as_slice()) {
            (operators::LOGICAL_AND, [a, b]) => Ok(Value::Bool(self.truth(a)? && self.truth(b)?)),
            (operators::LOGICAL_OR, [a, b]) => Ok(Value::Bool(self.truth(a)? || self.truth(b)?)),
            (operators::LOGICAL_NOT, [a]) => Ok(Value::Bool(!self.truth(a)?)),
            (operators::NOT_STRICTLY_FALSE, [a]) => Ok(Value::Bool(self.truth(a)?)),
            (operators::CONDITIONAL, [test, yes, no]) => {
                if self.truth(test)? {
                    self.value(yes)
                } else {
                    self.value(no)
                }
            }
            (operators::INDEX, [of, at]) => Ok(member(&self.value(of)?, &self.value(at)?)),
            (operators::ADD, [list, item]) if is_accumulator(list) => self.append(list, item),
            (operators::IN, [item, list]) => {
                let (item, list) = (self.value(item)?, self.value(list)?);
                if matches!(list, Value::Null) {
                    return Ok(Value::Bool(false));
                }
                self.standard(operators::IN, None, vec![item, list])
            }
            (operators::EQUALS | operators::NOT_EQUALS, [a, b]) => {
                let arguments = vec![self.value(a)?, self.value(b)?];
                self.standard(&call.func_name, None, arguments)
            }
            (name, arguments) => self.function(name, call.target.as_deref(), arguments),
        }
    }

    /// Anything that CEL itself defines: null in, null out, except the size of nothing.
    fn function<'e: 'a>(
        &mut self,
        name: &str,
        target: Option<&'e IdedExpr>,
        arguments: &'e [IdedExpr],
    ) -> Result<Value, Error> {
        let target = target.map(|target| self.value(target)).transpose()?;
        let arguments =
            arguments.iter().map(|argument| self.value(argument)).collect::<Result<Vec<_>, _>>()?;
        if arguments.iter().chain(&target).any(|value| matches!(value, Value::Null)) {
            return Ok(if name == "size" { Value::Int(0) } else { Value::Null });
        }
        self.standard(name, target, arguments)
    }

    fn standard(&mut self, name: &str, target: Option<Value>, arguments: Vec<Value>) -> Result<Value, Error> {
        let mut context = Context::with_env(Arc::clone(&STANDARD));
        let mut bind = |name: String, value: Value| {
            context.add_variable_from_value(name.clone(), value);
            IdedExpr { id: 0, expr: Expr::Ident(name) }
        };
        let call = CallExpr {
            func_name: name.to_owned(),
            target: target.map(|value| Box::new(bind("target".to_owned(), value))),
            args: arguments
                .into_iter()
                .enumerate()
                .map(|(n, value)| bind(format!("argument{n}"), value))
                .collect(),
        };
        let value = Value::resolve(&IdedExpr { id: 0, expr: Expr::Call(call) }, &context)
            .map_err(|error| Error::Evaluate(error.to_string()))?;
        self.spend(match &value {
            Value::String(text) => u32::try_from(text.len() / 256).unwrap_or(u32::MAX),
            Value::List(items) => u32::try_from(items.len()).unwrap_or(u32::MAX),
            _ => 0,
        })?;
        Ok(value)
    }

    fn comprehension<'e: 'a>(&mut self, of: &'e ComprehensionExpr) -> Result<Value, Error> {
        if of.iter_var2.is_some() {
            return Err(unsupported("a macro with two variables"));
        }
        let range: Vec<Value> = match self.value(&of.iter_range)? {
            Value::Null => Vec::new(),
            Value::List(items) => items.to_vec(),
            Value::Map(map) => {
                let mut keys: Vec<&Key> = map.map.keys().collect();
                keys.sort();
                keys.into_iter().map(key_value).collect()
            }
            _ => return Err(Error::Evaluate("only a list or a map can be gone through".to_owned())),
        };
        let start = self.value(&of.accu_init)?;
        self.locals.push((&of.accu_var, start));
        for item in range {
            if !self.truth(&of.loop_cond)? {
                break;
            }
            self.locals.push((&of.iter_var, item));
            let next = self.value(&of.loop_step);
            self.locals.pop();
            let next = next?;
            if let Some((_, accumulator)) = self.locals.last_mut() {
                *accumulator = next;
            }
        }
        let result = self.value(&of.result);
        self.locals.pop();
        result
    }

    /// `accumulator + [item]`, the step of `map` and `filter`, without copying the list each time.
    fn append<'e: 'a>(&mut self, list: &'e IdedExpr, item: &'e IdedExpr) -> Result<Value, Error> {
        let item = self.value(item)?;
        let Expr::Ident(name) = &list.expr else { return Err(unsupported("this accumulator")) };
        let held = self.locals.iter_mut().rev().find(|(local, _)| local == name);
        // The step's result replaces the accumulator, so nobody reads what is taken here.
        let taken = held.map_or(Value::Null, |(_, value)| std::mem::replace(value, Value::Null));
        match (taken, item) {
            (Value::List(mut items), Value::List(more)) => {
                Arc::make_mut(&mut items).extend(more.iter().cloned());
                Ok(Value::List(items))
            }
            (taken, item) => self.standard(operators::ADD, None, vec![taken, item]),
        }
    }

    fn spend(&mut self, steps: u32) -> Result<(), Error> {
        self.steps = self.steps.saturating_add(steps);
        if self.steps > MAX_STEPS { Err(Error::TooLong) } else { Ok(()) }
    }
}

/// Only macros make names with an `@`.
fn is_accumulator(expr: &IdedExpr) -> bool {
    matches!(&expr.expr, Expr::Ident(name) if name.starts_with('@'))
}

fn unsupported(what: &str) -> Error {
    Error::Evaluate(format!("{what} is not supported in a condition"))
}

/// `of[at]` and `of.at`; null where there is nothing.
fn member(of: &Value, at: &Value) -> Value {
    let found = match (of, at) {
        (Value::Map(map), at) => at.clone().try_into().ok().and_then(|key: Key| map.get(&key)),
        (Value::List(items), Value::Int(n)) => usize::try_from(*n).ok().and_then(|n| items.get(n)),
        (Value::List(items), Value::UInt(n)) => usize::try_from(*n).ok().and_then(|n| items.get(n)),
        _ => None,
    };
    found.cloned().unwrap_or(Value::Null)
}

fn key_value(key: &Key) -> Value {
    match key {
        Key::Int(n) => Value::Int(*n),
        Key::Uint(n) => Value::UInt(*n),
        Key::Bool(b) => Value::Bool(*b),
        Key::String(s) => Value::String(Arc::clone(s)),
    }
}

/// Rule 4: whole numbers are `int`; CEL's own conversion makes positive ones `uint`, which adds to nothing.
fn from_json(json: &Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(b) => Value::Bool(*b),
        Json::Number(n) => match (n.as_i64(), n.as_u64(), n.as_f64()) {
            (Some(n), _, _) => Value::Int(n),
            (None, Some(n), _) => Value::UInt(n),
            (None, None, Some(n)) => Value::Float(n),
            (None, None, None) => Value::Null,
        },
        Json::String(s) => Value::String(Arc::new(s.clone())),
        Json::Array(items) => Value::List(Arc::new(items.iter().map(from_json).collect())),
        Json::Object(members) => {
            let members = members.iter().map(|(key, value)| (Key::from(key.as_str()), from_json(value)));
            Value::Map(Map { map: Arc::new(members.collect()) })
        }
    }
}
