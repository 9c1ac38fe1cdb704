//! One object as it will be: what the plan knows, what the configuration says once
//! stand-ins have flowed into it, and what is made up.

use groma_value::value::{Elements, MapValue};
use groma_value::{Fields, Mark, Marks, Type, Value};
use std::collections::HashSet;
use std::sync::Arc;

/// Texts that were made up to identify something. They are no addresses or numbers.
pub(crate) type Identities = HashSet<Arc<str>>;

/// Whether a made-up text can be used as an identity: it is not something that a
/// network could be made of.
pub(crate) fn identifies(text: &str) -> bool {
    let address = text.split('/').next().unwrap_or(text);
    text.len() >= 6 && address.parse::<std::net::IpAddr>().is_err() && text.parse::<f64>().is_err()
}

/// Remembers the identities among made-up values.
pub(crate) fn collect(value: &Value, into: &mut Identities) {
    value.walk(&mut |_, v| {
        if let Value::String(s) = v
            && identifies(s)
        {
            into.insert(s.clone());
        }
        true
    });
}

fn without_invented(marks: &Marks) -> Marks {
    let mut out = marks.clone();
    out.remove(&Mark::Invented);
    out
}

/// What a null, an absent block and the like come to: the old SDK mixes them up.
fn is_nothing(v: &Value) -> bool {
    match v.peel() {
        Value::Null(_) => true,
        Value::String(s) => s.is_empty(),
        Value::Number(n) => n.signum() == 0,
        Value::Bool(b) => !b,
        Value::List(e) | Value::Set(e) => e.items.is_empty(),
        Value::Map(m) => m.items.is_empty(),
        _ => false,
    }
}

/// Puts an object together. `planned`: from the plan, unknown in places; `config`: from
/// the configuration, with marks; `made`: `planned` with everything made up.
///
/// What the plan knows is kept. What it does not know is what the configuration says,
/// with its marks; unknown where that is unknown too; and made up, and marked so, where
/// it says nothing.
pub(crate) struct Combine<'a> {
    /// What identifies something in this world.
    pub identities: &'a Identities,
    /// Whether sets are taken apart (their elements carry no marks): what is doubtful
    /// in an element becomes unknown, and the set has no mark. For looking at, not for
    /// evaluating with.
    pub apart: bool,
}

impl Combine<'_> {
    pub fn value(&self, planned: &Value, config: Option<&Value>, made: Option<&Value>) -> Value {
        let (p, marks) = planned.clone().unmark();
        let marks = without_invented(&marks);
        if p.is_wholly_known() {
            return strip(planned);
        }
        let (c, config_marks) = match config {
            Some(c) => {
                let (c, m) = c.clone().unmark();
                (Some(c), m)
            }
            None => (None, Marks::new()),
        };
        let c = c.filter(|c| !c.is_null());
        let out = match &p {
            Value::Unknown(ty, _) => match &c {
                Some(c) => self.said(c, &config_marks).with_marks(&config_marks),
                None => match made {
                    Some(m) if !m.is_wholly_known() => m.clone(),
                    Some(m) => m.unmark_deep().0.mark(Mark::Invented),
                    None => Value::unknown(ty.clone()),
                },
            },
            Value::Object(fields) => Value::Object(Arc::new(fields.map_values(|n, v| {
                let inner = c.as_ref().and_then(|c| c.as_fields()).and_then(|f| f.get(n)).cloned();
                let inner = inner.map(|v| v.with_marks(&config_marks));
                let m = made.and_then(|m| m.get_attr(n));
                self.value(v, inner.as_ref(), m.as_ref())
            }))),
            Value::Map(m) => {
                let items = m.items.map_values(|n, v| {
                    let inner = c.as_ref().and_then(|c| c.as_fields()).and_then(|f| f.get(n)).cloned();
                    let inner = inner.map(|v| v.with_marks(&config_marks));
                    let m = made.and_then(|m| m.as_fields().and_then(|f| f.get(n).cloned()));
                    self.value(v, inner.as_ref(), m.as_ref())
                });
                Value::Map(Arc::new(MapValue { ty: m.ty.clone(), items }))
            }
            Value::List(e) => {
                let items = self.elements(&e.items, c.as_ref(), &config_marks, made);
                Value::List(Arc::new(Elements { ty: e.ty.clone(), items }))
            }
            Value::Tuple(t) => Value::Tuple(Arc::new(self.elements(t, c.as_ref(), &config_marks, made))),
            Value::Set(e) => self.set(e, c.as_ref(), &config_marks, made),
            _ => p.clone(),
        };
        out.with_marks(&marks)
    }

    fn elements(
        &self,
        planned: &[Value],
        c: Option<&Value>,
        marks: &Marks,
        made: Option<&Value>,
    ) -> Vec<Value> {
        let config = c.and_then(Value::as_elements).filter(|e| e.len() == planned.len());
        let made = made.and_then(Value::as_elements).filter(|e| e.len() == planned.len());
        let one = |(i, v): (usize, &Value)| {
            let inner = config.map(|e| e[i].clone().with_marks(marks));
            self.value(v, inner.as_ref(), made.map(|m| &m[i]))
        };
        planned.iter().enumerate().map(one).collect()
    }

    /// What the configuration says where the plan knows nothing.
    fn said(&self, c: &Value, marks: &Marks) -> Value {
        match c {
            Value::Set(e) if self.apart && marks.contains(&Mark::Invented) => {
                let items = e.items.iter().map(|x| self.element(x, &[])).collect();
                Value::set(e.ty.clone(), items)
            }
            Value::Object(f) => Value::Object(Arc::new(f.map_values(|_, v| self.said_marked(v)))),
            Value::List(e) => Value::List(Arc::new(Elements {
                ty: e.ty.clone(),
                items: e.items.iter().map(|v| self.said_marked(v)).collect(),
            })),
            Value::Tuple(t) => Value::Tuple(Arc::new(t.iter().map(|v| self.said_marked(v)).collect())),
            v => v.clone(),
        }
    }

    fn said_marked(&self, v: &Value) -> Value {
        let (plain, marks) = v.clone().unmark();
        let out = self.said(&plain, &marks);
        // A set that was taken apart says by itself what is doubtful.
        if self.apart && matches!(plain, Value::Set(_)) {
            out.with_marks(&without_invented(&marks))
        } else {
            out.with_marks(&marks)
        }
    }

    /// A set of which the plan knows something.
    fn set(&self, planned: &Elements, c: Option<&Value>, marks: &Marks, made: Option<&Value>) -> Value {
        let Some(Value::Set(config)) = c else {
            return match made {
                Some(m) => m.unmark_deep().0.mark(Mark::Invented),
                None => Value::unknown(Type::set(planned.ty.clone())),
            };
        };
        let doubtful = marks.contains(&Mark::Invented);
        let items: Vec<Value> = config
            .items
            .iter()
            .map(|e| {
                let fits: Vec<&Value> = planned.items.iter().filter(|p| compatible(p, e)).collect();
                if self.apart && doubtful { self.element(e, &fits) } else { completed(e, &fits) }
            })
            .collect();
        let out = Value::set(planned.ty.clone(), items);
        if self.apart { out.with_marks(&without_invented(marks)) } else { out.with_marks(marks) }
    }

    /// An element of a set into which something made up flowed: what all planned elements
    /// that it may be know is known, what identifies something is kept, the rest is
    /// unknown.
    fn element(&self, e: &Value, fits: &[&Value]) -> Value {
        if let Some(first) = fits.first()
            && first.is_known()
            && fits.iter().all(|p| p == first)
            && first.is_wholly_known()
        {
            return (*first).clone();
        }
        let within = |get: &dyn Fn(&Value) -> Option<Value>| -> Vec<Value> {
            fits.iter().filter_map(|p| get(p)).collect()
        };
        match e {
            Value::Object(f) => Value::Object(Arc::new(f.map_values(|n, v| {
                let inner = within(&|p| p.get_attr(n));
                self.element(v, &inner.iter().collect::<Vec<_>>())
            }))),
            Value::List(l) => {
                let same = |p: &&Value| p.as_elements().is_some_and(|x| x.len() == l.items.len());
                let all = !fits.is_empty() && fits.iter().all(same);
                let items = l.items.iter().enumerate().map(|(i, v)| {
                    let inner = if all { within(&|p| p.as_elements()?.get(i).cloned()) } else { Vec::new() };
                    self.element(v, &inner.iter().collect::<Vec<_>>())
                });
                Value::List(Arc::new(Elements { ty: l.ty.clone(), items: items.collect() }))
            }
            Value::Set(s) => {
                let items = s.items.iter().map(|v| self.element(v, &[]));
                Value::set(s.ty.clone(), items.collect())
            }
            Value::Map(m) => {
                let items: Fields = m.items.map_values(|_, v| self.element(v, &[]));
                Value::Map(Arc::new(MapValue { ty: m.ty.clone(), items }))
            }
            Value::String(s) if self.identities.contains(s) => e.clone(),
            // It is null in each element that the plan has, or nothing was planned.
            Value::Null(_) if fits.iter().all(|p| p.is_null()) => e.clone(),
            v => Value::unknown(v.ty()),
        }
    }
}

/// Without the mark of what is made up, anywhere within: the plan knows it.
fn strip(v: &Value) -> Value {
    if !v.contains_marked() {
        return v.clone();
    }
    let (plain, marks) = v.unmark_deep_with_paths();
    let rest: Vec<_> =
        marks.into_iter().map(|(p, m)| (p, without_invented(&m))).filter(|(_, m)| !m.is_empty()).collect();
    plain.mark_with_paths(&rest)
}

/// Whether a planned element can be one of the configuration.
fn compatible(planned: &Value, config: &Value) -> bool {
    match (planned, config) {
        (Value::Unknown(..), _) | (_, Value::Unknown(..)) => true,
        (Value::Object(p), Value::Object(c)) => {
            p.iter().all(|(n, v)| c.get(n).is_none_or(|x| compatible(v, x)))
        }
        (Value::List(p), Value::List(c)) => {
            p.items.len() == c.items.len() && p.items.iter().zip(&c.items).all(|(a, b)| compatible(a, b))
        }
        (Value::Set(p), Value::Set(c)) => {
            !p.items.iter().all(Value::is_wholly_known) || p == c || is_nothing(planned) && is_nothing(config)
        }
        // Providers have defaults for what is not said.
        (_, Value::Null(_)) => true,
        (p, c) => p == c || is_nothing(p) && is_nothing(c),
    }
}

/// An element of the configuration with what the plan adds to it.
fn completed(e: &Value, fits: &[&Value]) -> Value {
    match e {
        Value::Object(f) => Value::Object(Arc::new(f.map_values(|n, v| {
            let inner: Vec<Value> = fits.iter().filter_map(|p| p.get_attr(n)).collect();
            completed(v, &inner.iter().collect::<Vec<_>>())
        }))),
        Value::Null(_) => match fits.first() {
            Some(p) if fits.iter().all(|x| x == p) => (*p).clone(),
            _ => e.clone(),
        },
        v => v.clone(),
    }
}
