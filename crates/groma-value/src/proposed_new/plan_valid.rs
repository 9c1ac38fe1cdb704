//! Whether a provider's plan leads from the prior state to the configuration.

use super::{part, same_unrefined};
use crate::notation;
use crate::ops;
use crate::path::{Path, PathError, PathStep};
use crate::refine::Refinement;
use crate::schema::{Attribute, Block, NestedBlock, NestedObject, Nesting};
use crate::set::quoted;
use crate::types::{Name, Type};
use crate::value::Value;
use std::collections::BTreeMap;

/// The faults of a plan. A provider may give values only to computed attributes
/// that are not configured; a configured one it may also leave at its prior
/// value, which says that both mean the same. Elements of sets cannot be matched
/// and are not checked.
pub fn assert_plan_valid(schema: &Block, prior: &Value, config: &Value, planned: &Value) -> Vec<PathError> {
    let mut check = Check { path: Path::new(), errors: Vec::new() };
    check.block(schema, prior, config, planned);
    check.errors
}

struct Check {
    path: Path,
    errors: Vec<PathError>,
}

const UNKNOWN_BLOCK: &str = "attribute representing nested block must not be unknown itself; set nested attribute values to unknown instead";
const UNKNOWN_ELEMENT: &str = "element representing nested block must not be unknown itself; set nested attribute values to unknown instead";

impl Check {
    fn fault(&mut self, message: impl Into<String>) {
        self.errors.push(PathError::new(self.path.clone(), message));
    }
    fn at(&mut self, step: PathStep, f: impl FnOnce(&mut Check)) {
        self.path.push(step);
        f(self);
        self.path.pop();
    }
    /// Whether both are there; else reports the fault.
    fn both_present(&mut self, config: &Value, planned: &Value) -> bool {
        match (config.is_null(), planned.is_null()) {
            (false, true) => self.fault("planned for absence but config wants existence"),
            (true, false) => self.fault("planned for existence but config wants absence"),
            (absent, _) => return !absent,
        }
        false
    }
    fn block(&mut self, schema: &Block, prior: &Value, config: &Value, planned: &Value) {
        if !self.both_present(config, planned) {
            return;
        }
        self.attributes(&schema.attributes, prior, config, planned);
        for (n, b) in &schema.blocks {
            let (Some(c), Some(p)) = (config.get_attr(n), planned.get_attr(n)) else { continue };
            let before = part(prior, n).unwrap_or_else(|| Value::Null(b.implied_type()));
            if p != c {
                self.at(PathStep::Attr(n.clone()), |s| s.nested_block(b, &before, &c, &p));
            }
        }
    }
    fn nested_block(&mut self, b: &NestedBlock, prior: &Value, config: &Value, planned: &Value) {
        if !config.is_known() {
            let planned = notation::value(planned);
            return self.fault(format!("planned value {planned} for unknown dynamic block"));
        }
        if !planned.is_known() {
            return self.fault(UNKNOWN_BLOCK);
        }
        let empty_not_null = |kind: &str| {
            format!(
                "attribute representing a {kind} of nested blocks must be empty to indicate no blocks, not null"
            )
        };
        match b.nesting {
            Nesting::Single | Nesting::Group => self.block(&b.block, prior, config, planned),
            _ if planned.is_null() => self.fault(empty_not_null(match b.nesting {
                Nesting::List => "list",
                Nesting::Map => "map",
                _ => "set",
            })),
            Nesting::List => {
                let planned = planned.as_elements().unwrap_or_default();
                // Null can only be what a legacy provider left there.
                let config = config.as_elements().unwrap_or_default();
                if planned.len() != config.len() {
                    return self.count(planned.len(), config.len());
                }
                for (i, (p, c)) in planned.iter().zip(config).enumerate() {
                    let before =
                        element(prior, i).unwrap_or_else(|| Value::Null(b.block.implied_type().clone()));
                    self.at(PathStep::Index(Value::int(i as i64)), |s| s.element(&b.block, &before, c, p));
                }
            }
            Nesting::Map => {
                let as_object = matches!(planned, Value::Object(_));
                let (Some(planned), config) = (planned.as_fields(), config.as_fields()) else { return };
                let has = |n: &Name| config.and_then(|f| f.get(n));
                if !as_object && planned.len() != config.map_or(0, |f| f.len()) {
                    return self.count(planned.len(), config.map_or(0, |f| f.len()));
                }
                for (n, p) in planned.iter() {
                    let step = match as_object {
                        true => PathStep::Attr(n.clone()),
                        false => PathStep::Index(Value::String(n.clone())),
                    };
                    let Some(c) = has(n) else {
                        self.fault(format!("block key {} from plan is not present in config", quoted(n)));
                        continue;
                    };
                    let before = prior.as_fields().and_then(|f| f.get(n)).cloned();
                    let before = before.unwrap_or_else(|| Value::Null(b.block.implied_type().clone()));
                    self.at(step, |s| s.element(&b.block, &before, c, p));
                }
                for n in config.iter().flat_map(|f| f.names()).filter(|n| !planned.contains(n)) {
                    self.fault(format!("block key {} from config is not present in plan", quoted(n)));
                }
            }
            Nesting::Set => {
                for p in planned.as_elements().unwrap_or_default() {
                    if !p.is_known() {
                        self.at(PathStep::Index(p.clone()), |s| s.fault(UNKNOWN_ELEMENT));
                    }
                }
            }
        }
    }
    fn element(&mut self, block: &Block, prior: &Value, config: &Value, planned: &Value) {
        if planned.is_known() {
            self.block(block, prior, config, planned);
        } else {
            self.fault(UNKNOWN_ELEMENT);
        }
    }
    fn count(&mut self, planned: usize, config: usize) {
        self.fault(format!("block count in plan ({planned}) disagrees with count in config ({config})"));
    }
    fn attributes(
        &mut self,
        attrs: &BTreeMap<Name, Attribute>,
        prior: &Value,
        config: &Value,
        planned: &Value,
    ) {
        for (n, a) in attrs {
            let (Some(c), Some(p)) = (config.get_attr(n), planned.get_attr(n)) else { continue };
            // The common case, without looking at the prior value.
            if same_unrefined(&p, &c) {
                continue;
            }
            let before = part(prior, n).unwrap_or_else(|| Value::Null(a.ty.clone()));
            self.at(PathStep::Attr(n.clone()), |s| s.attribute(a, &before, &c, &p));
        }
    }
    /// `planned` differs from `config`.
    fn attribute(&mut self, a: &Attribute, prior: &Value, config: &Value, planned: &Value) {
        if !prior.is_null() && !config.is_null() && same_unrefined(planned, prior) {
            return;
        }
        if a.computed && (!a.optional || config.is_null()) {
            return;
        }
        let show = notation::value;
        if config.is_null() && !planned.is_null() {
            return self.fault(match a.sensitive {
                true => "sensitive planned value for a non-computed attribute".to_owned(),
                false => format!("planned value {} for a non-computed attribute", show(planned)),
            });
        }
        if a.write_only && planned.is_null() {
            return;
        }
        if let Some(o) = &a.nested {
            return self.nested_attribute(o, prior, config, planned);
        }
        self.fault(match (prior.is_null(), a.sensitive) {
            (true, true) => "sensitive planned value does not match config value".to_owned(),
            (true, false) => {
                format!("planned value {} does not match config value {}", show(planned), show(config))
            }
            (false, true) => "sensitive planned value does not match config value nor prior value".to_owned(),
            (false, false) => format!(
                "planned value {} does not match config value {} nor prior value {}",
                show(planned),
                show(config),
                show(prior)
            ),
        });
    }
    fn nested_attribute(&mut self, o: &NestedObject, prior: &Value, config: &Value, planned: &Value) {
        if !self.both_present(config, planned) {
            return;
        }
        if !planned.is_known() {
            return self.fault("planned unknown for configured value");
        }
        let missing = || Value::Null(o.implied_type().element().cloned().unwrap_or(Type::Dynamic));
        match o.nesting {
            Nesting::Single | Nesting::Group => self.attributes(&o.attributes, prior, config, planned),
            Nesting::List => {
                let Some(configured) = self.same_count(config, planned) else { return };
                for (i, p) in planned.as_elements().unwrap_or_default().iter().enumerate() {
                    let Some(c) = configured.as_elements().and_then(|e| e.get(i)) else { continue };
                    let before = element(prior, i).unwrap_or_else(missing);
                    let step = PathStep::Index(Value::int(i as i64));
                    self.at(step, |s| s.attributes(&o.attributes, &before, c, p));
                }
            }
            Nesting::Map => {
                let Some(configured) = self.same_count(config, planned) else { return };
                let Some(configured) = configured.as_fields() else { return };
                let Some(planned) = planned.as_fields() else { return };
                for (n, p) in planned.iter() {
                    let Some(c) = configured.get(n) else {
                        self.fault(format!("map key {} from plan is not present in config", quoted(n)));
                        continue;
                    };
                    let before = prior.as_fields().and_then(|f| f.get(n)).cloned().unwrap_or_else(missing);
                    self.at(PathStep::Attr(n.clone()), |s| s.attributes(&o.attributes, &before, c, p));
                }
                for n in configured.names().filter(|n| !planned.contains(n)) {
                    self.fault(format!("map key {} from config is not present in plan", quoted(n)));
                }
            }
            Nesting::Set => {
                let (p, c) = (length(planned), length(config));
                let (pr, cr) = (Refinement::of(&p), Refinement::of(&c));
                let disjoint = |low: &Refinement, high: &Refinement| matches!((&low.number_max, &high.number_min), (Some(a), Some(b)) if a.0 < b.0);
                if disjoint(&pr, &cr) || disjoint(&cr, &pr) {
                    self.counts(&p, &c);
                }
            }
        }
    }
    /// The configured value, if the plan has as many elements.
    fn same_count<'v>(&mut self, config: &'v Value, planned: &Value) -> Option<&'v Value> {
        let (p, c) = (length(planned), length(config));
        if p == c && p.is_known() {
            return Some(config);
        }
        self.counts(&p, &c);
        None
    }
    fn counts(&mut self, planned: &Value, config: &Value) {
        let (p, c) = (notation::value(planned), notation::value(config));
        self.fault(format!("count in plan ({p}) disagrees with count in config ({c})"));
    }
}

fn length(v: &Value) -> Value {
    ops::length(v).unwrap_or_else(|| Value::unknown_not_null(Type::Number))
}

fn element(v: &Value, i: usize) -> Option<Value> {
    v.as_elements().and_then(|e| e.get(i)).cloned()
}
