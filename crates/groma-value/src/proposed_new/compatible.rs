//! Whether what a provider made is what it had planned.

use crate::convert::mismatch_message;
use crate::notation;
use crate::ops;
use crate::path::{Path, PathError, PathStep};
use crate::schema::{Attribute, Block, NestedBlock, Nesting};
use crate::set::quoted;
use crate::types::{Name, Type};
use crate::value::Value;
use std::collections::HashMap;

/// The ways in which `actual` is no completion of `planned`: every known value
/// must have stayed, an unknown one must have become something that fits it.
/// Where either is sensitive, by its mark or by the schema, no value is shown.
pub fn assert_object_compatible(schema: &Block, planned: &Value, actual: &Value) -> Vec<PathError> {
    let mut check = Check { path: Path::new(), errors: Vec::new() };
    check.block(schema, planned, actual);
    check.errors
}

struct Check {
    path: Path,
    errors: Vec<PathError>,
}

impl Check {
    fn fault(&mut self, message: impl Into<String>) {
        self.errors.push(PathError::new(self.path.clone(), message));
    }
    fn at(&mut self, step: PathStep, f: impl FnOnce(&mut Check)) {
        self.path.push(step);
        f(self);
        self.path.pop();
    }
    /// Whether `f` finds no fault; what it finds is forgotten.
    fn passes(&mut self, f: impl FnOnce(&mut Check)) -> bool {
        let before = self.errors.len();
        f(self);
        let passes = self.errors.len() == before;
        self.errors.truncate(before);
        passes
    }
    fn block(&mut self, schema: &Block, planned: &Value, actual: &Value) {
        let root = if self.path.is_empty() { "root object " } else { "" };
        match (planned.is_null(), actual.is_null()) {
            (true, false) => return self.fault(format!("{root}was absent, but now present")),
            (false, true) => return self.fault(format!("{root}was present, but now absent")),
            (true, true) => return,
            (false, false) => {}
        }
        for (n, a) in &schema.attributes {
            if let (Some(p), Some(v)) = (planned.get_attr(n), actual.get_attr(n)) {
                self.at(PathStep::Attr(n.clone()), |s| s.attribute(a, &p, &v));
            }
        }
        for (n, b) in &schema.blocks {
            if let (Some(p), Some(v)) = (planned.get_attr(n), actual.get_attr(n)) {
                self.at(PathStep::Attr(n.clone()), |s| s.nested_block(b, p.peel(), v.peel()));
            }
        }
    }
    fn attribute(&mut self, a: &Attribute, planned: &Value, actual: &Value) {
        let (p, planned_marks) = planned.unmark_deep();
        let (v, actual_marks) = actual.unmark_deep();
        let sensitive = a.sensitive || planned_marks.is_sensitive() || actual_marks.is_sensitive();
        if !sensitive {
            return self.value(&p, &v);
        }
        if !self.passes(|s| s.value(&p, &v)) {
            self.fault("inconsistent values for sensitive attribute");
        }
    }
    fn nested_block(&mut self, b: &NestedBlock, planned: &Value, actual: &Value) {
        let known = |v: &Value| v.is_known() && !v.is_null();
        match b.nesting {
            // A block that was unknown may turn out not to be there.
            Nesting::Single | Nesting::Group if !planned.is_known() && actual.is_null() => {}
            Nesting::Single | Nesting::Group => self.block(&b.block, planned, actual),
            _ if !known(planned) || !known(actual) => {}
            Nesting::List => {
                let p = planned.as_elements().unwrap_or_default();
                let v = actual.as_elements().unwrap_or_default();
                if p.len() != v.len() {
                    return self.fault(format!("block count changed from {} to {}", p.len(), v.len()));
                }
                for (i, (p, v)) in p.iter().zip(v).enumerate() {
                    self.at(PathStep::Index(Value::int(i as i64)), |s| s.block(&b.block, p, v));
                }
            }
            Nesting::Map => {
                let as_object = matches!(planned, Value::Object(_));
                let (Some(p), Some(v)) = (planned.as_fields(), actual.as_fields()) else { return };
                if !as_object && p.len() != v.len() {
                    return self.fault(format!("block count changed from {} to {}", p.len(), v.len()));
                }
                for (n, p) in p.iter() {
                    match v.get(n) {
                        Some(v) if as_object => {
                            self.at(PathStep::Attr(n.clone()), |s| s.block(&b.block, p, v))
                        }
                        Some(v) => {
                            self.at(PathStep::Index(Value::String(n.clone())), |s| s.block(&b.block, p, v));
                        }
                        None if as_object => self.fault(format!("block key {} has vanished", quoted(n))),
                        None => {}
                    }
                }
                for n in v.names().filter(|n| as_object && !p.contains(n)) {
                    self.fault(format!("new block key {} has appeared", quoted(n)));
                }
            }
            Nesting::Set => {
                let p = planned.as_elements().unwrap_or_default();
                let v = actual.as_elements().unwrap_or_default();
                self.set(p, v, &mut |s, p, v| s.block(&b.block, p, v));
                // Elements may turn out equal, but none can appear.
                if p.len() < v.len() {
                    self.fault(format!("block set length changed from {} to {}", p.len(), v.len()));
                }
            }
        }
    }
    fn value(&mut self, planned: &Value, actual: &Value) {
        if super::same_unrefined(planned, actual)
            || matches!(planned, Value::Unknown(Type::Dynamic, _) | Value::Null(Type::Dynamic))
        {
            return;
        }
        let show = notation::value;
        if !conforms(planned, actual) {
            let why = mismatch_message(&actual.ty(), &planned.ty());
            return self.fault(format!("wrong final value type: {why}"));
        }
        match (planned, actual) {
            (Value::Unknown(..), _) => {
                if ops::equals(planned, actual) == Value::Bool(false) {
                    self.fault(format!(
                        "final value {} does not conform to planning placeholder {}",
                        show(actual),
                        show(planned)
                    ));
                }
            }
            (Value::Null(_), Value::Null(_)) => {}
            (_, Value::Null(_)) => self.fault(format!("was {}, but now null", show(planned))),
            (Value::Null(_), _) => self.fault(format!("was null, but now {}", show(actual))),
            (_, Value::Unknown(..)) => self.fault("was known, but now unknown"),
            (Value::List(p), Value::List(v)) => self.elements(&p.items, &v.items),
            (Value::Tuple(p), Value::Tuple(v)) => self.elements(p, v),
            (Value::Map(p), Value::Map(v)) => {
                let key = |n: &Name| PathStep::Index(Value::String(n.clone()));
                for (n, p) in p.items.iter() {
                    match v.items.get(n) {
                        Some(v) => self.at(key(n), |s| s.value(p, v)),
                        None => self.fault(format!("element {} has vanished", quoted(n))),
                    }
                }
                for n in v.items.names().filter(|n| !p.items.contains(n)) {
                    self.fault(format!("new element {} has appeared", quoted(n)));
                }
            }
            (Value::Object(p), Value::Object(v)) => {
                for ((n, p), v) in p.iter().zip(v.values()) {
                    self.at(PathStep::Attr(n.clone()), |s| s.value(p, v));
                }
            }
            (Value::Set(p), Value::Set(v)) => {
                self.set(&p.items, &v.items, &mut |s, p, v| s.value(p, v));
                if p.items.len() < v.items.len() {
                    self.fault(format!("length changed from {} to {}", p.items.len(), v.items.len()));
                }
            }
            _ => self.fault(format!("was {}, but now {}", show(planned), show(actual))),
        }
    }
    fn elements(&mut self, planned: &[Value], actual: &[Value]) {
        for (i, p) in planned.iter().enumerate() {
            match actual.get(i) {
                Some(v) => self.at(PathStep::Index(Value::int(i as i64)), |s| s.value(p, v)),
                None => self.fault(format!("element {i} has vanished")),
            }
        }
        for i in planned.len()..actual.len() {
            self.fault(format!("new element {i} has appeared"));
        }
    }
    /// Each element of either set must have a counterpart in the other. Equal ones
    /// are found by sorting; only the rest is compared pair by pair.
    fn set(&mut self, planned: &[Value], actual: &[Value], same: &mut dyn FnMut(&mut Check, &Value, &Value)) {
        let mut keys: HashMap<Vec<u8>, Vec<usize>> = HashMap::new();
        for (i, v) in actual.iter().enumerate() {
            keys.entry(crate::set::key_of([v])).or_default().push(i);
        }
        let mut planned_found = vec![false; planned.len()];
        let mut actual_found = vec![false; actual.len()];
        for (p, found) in planned.iter().zip(&mut planned_found) {
            for &i in keys.get(&crate::set::key_of([p])).into_iter().flatten() {
                if *p == actual[i] {
                    *found = true;
                    actual_found[i] = true;
                }
            }
        }
        for (pi, p) in planned.iter().enumerate() {
            // An element without anything unknown has no other counterpart than
            // its equal; one with unknowns may have several.
            if planned_found[pi] && p.is_wholly_known() {
                continue;
            }
            for (ai, v) in actual.iter().enumerate() {
                if planned_found[pi] && actual_found[ai] {
                    continue;
                }
                if self.passes(|s| s.at(PathStep::Index(v.clone()), |s| same(s, p, v))) {
                    planned_found[pi] = true;
                    actual_found[ai] = true;
                }
            }
        }
        let show = notation::value;
        let lost: Vec<&Value> =
            planned.iter().zip(&planned_found).filter(|(_, f)| !**f).map(|(v, _)| v).collect();
        for v in &lost {
            self.fault(format!(
                "planned set element {} does not correlate with any element in actual",
                show(v)
            ));
        }
        if !lost.is_empty() {
            return;
        }
        for (v, _) in actual.iter().zip(&actual_found).filter(|(_, found)| !**found) {
            self.fault(format!("actual set element {} does not correlate with any element in plan", show(v)));
        }
    }
}

/// Whether the actual value is of the planned one's type, where that may leave
/// parts open.
fn conforms(planned: &Value, actual: &Value) -> bool {
    match (planned, actual) {
        (Value::Bool(_), Value::Bool(_))
        | (Value::Number(_), Value::Number(_))
        | (Value::String(_), Value::String(_)) => true,
        (Value::Unknown(t, _) | Value::Null(t), v) if !t.has_dynamic() => crate::convert::has_type(v, t),
        (p, v) => ops::conforms(&v.ty(), &p.ty()),
    }
}
