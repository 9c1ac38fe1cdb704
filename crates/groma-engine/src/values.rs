//! The values known so far in a walk.

use groma_value::addr::{AbsResource, Key, ModuleInstance, ModulePath, Resource};
use groma_value::{Name, Type, Value};
use std::cell::OnceCell;
use std::collections::{BTreeMap, HashMap, HashSet};

/// The instances of a resource or module call.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Expansion {
    /// Neither `count` nor `for_each`.
    Single,
    /// `enabled = false`: none, and null.
    Disabled,
    /// `count`
    Count(u64),
    /// `for_each`: keys with values, in order of keys.
    ForEach(Vec<(Name, Value)>),
    /// Not known: in validation, and where what depends on it is put off.
    Unknown,
}

impl Expansion {
    /// The instance keys in order.
    pub fn keys(&self) -> Vec<Key> {
        match self {
            Expansion::Single => vec![Key::None],
            Expansion::Disabled => Vec::new(),
            Expansion::Count(n) => (0..*n).map(Key::Int).collect(),
            Expansion::ForEach(v) => v.iter().map(|(k, _)| Key::Str(k.clone())).collect(),
            Expansion::Unknown => vec![Key::None],
        }
    }
    /// Whether `key` is among the instances. O(log n).
    pub fn contains(&self, key: &Key) -> bool {
        match (self, key) {
            (Expansion::Single, Key::None) => true,
            (Expansion::Count(n), Key::Int(i)) => i < n,
            (Expansion::ForEach(v), Key::Str(s)) => v.binary_search_by(|(k, _)| k.cmp(s)).is_ok(),
            _ => false,
        }
    }
    /// What `each` and `count` are for the instance `key`.
    pub fn repetition(&self, key: &Key) -> Repetition {
        match (self, key) {
            (Expansion::Count(_), Key::Int(i)) => {
                Repetition { count_index: Some(Value::int(*i as i64)), each: None }
            }
            (Expansion::ForEach(v), Key::Str(s)) => Repetition {
                count_index: None,
                each: v
                    .binary_search_by(|(k, _)| k.cmp(s))
                    .ok()
                    .map(|i| (Value::String(s.clone()), v[i].1.clone())),
            },
            _ => Repetition::default(),
        }
    }
}

/// What `each` and `count` are for one instance.
#[derive(Clone, Debug, Default)]
pub(crate) struct Repetition {
    /// `count.index`
    pub count_index: Option<Value>,
    /// `each.key` and `each.value`
    pub each: Option<(Value, Value)>,
}

/// The values of a resource's instances.
#[derive(Debug, Default)]
pub(crate) struct ResourceValues {
    /// Which instances there are; `None` until expanded.
    pub expansion: Option<Expansion>,
    /// The values of those that are known.
    pub instances: HashMap<Key, Value>,
    whole: OnceCell<Value>,
}

impl ResourceValues {
    /// The value of the whole resource: an object, a tuple or an object of objects.
    /// Built once, when first asked for after all instances are known.
    pub fn whole(&self) -> Value {
        self.whole
            .get_or_init(|| {
                let one = |k: &Key| self.instances.get(k).cloned().unwrap_or_else(Value::dynamic);
                match &self.expansion {
                    Some(Expansion::Single) => one(&Key::None),
                    Some(Expansion::Disabled) => Value::null(Type::Dynamic),
                    Some(Expansion::Count(n)) => Value::tuple((0..*n).map(|i| one(&Key::Int(i))).collect()),
                    Some(Expansion::ForEach(v)) => {
                        Value::object(v.iter().map(|(k, _)| (k.clone(), one(&Key::Str(k.clone())))))
                    }
                    Some(Expansion::Unknown) | None => Value::dynamic(),
                }
            })
            .clone()
    }
    /// Sets an instance's value.
    pub fn set(&mut self, key: Key, value: Value) {
        self.instances.insert(key, value);
        self.whole = OnceCell::new();
    }
}

/// The values of one module instance.
#[derive(Debug, Default)]
pub(crate) struct ModuleValues {
    pub variables: HashMap<Name, Value>,
    pub locals: HashMap<Name, Value>,
    pub outputs: BTreeMap<Name, Value>,
    pub resources: HashMap<Resource, ResourceValues>,
    /// The instances of each call in this module instance.
    pub calls: HashMap<Name, Expansion>,
}

/// All values of a walk.
#[derive(Debug, Default)]
pub(crate) struct Values {
    modules: HashMap<ModuleInstance, ModuleValues>,
    /// The instances of each module, in order.
    instances: HashMap<ModulePath, Vec<ModuleInstance>>,
    /// Those that stand for a number of instances that is not known.
    stand_ins: HashSet<ModuleInstance>,
}

impl Values {
    /// With only the root module.
    pub fn new() -> Values {
        let mut v = Values::default();
        v.modules.insert(ModuleInstance::root(), ModuleValues::default());
        v.instances.insert(ModulePath::root(), vec![ModuleInstance::root()]);
        v
    }
    /// The values of a module instance.
    pub fn module(&self, m: &ModuleInstance) -> Option<&ModuleValues> {
        self.modules.get(m)
    }
    /// The outputs whose value is null, of all modules.
    pub fn null_outputs(&self) -> std::collections::HashSet<(ModuleInstance, Name)> {
        let outputs = self.modules.iter().flat_map(|(m, v)| v.outputs.iter().map(move |(n, v)| (m, n, v)));
        outputs.filter(|(_, _, v)| v.is_null()).map(|(m, n, _)| (m.clone(), n.clone())).collect()
    }
    /// The values of a module instance, to change.
    pub fn module_mut(&mut self, m: &ModuleInstance) -> &mut ModuleValues {
        self.modules.entry(m.clone()).or_default()
    }
    /// The instances of a module; none while its call is not expanded.
    pub fn instances(&self, path: &ModulePath) -> Vec<ModuleInstance> {
        self.instances.get(path).cloned().unwrap_or_default()
    }
    /// Notes the instances of a call in one instance of the calling module.
    /// Only those for which `looked_at` holds are visited.
    pub fn expand_call(
        &mut self,
        parent: &ModuleInstance,
        name: &Name,
        expansion: Expansion,
        looked_at: &dyn Fn(&ModuleInstance) -> bool,
    ) {
        let path = parent.path().child(name.clone());
        let stand_in = expansion == Expansion::Unknown || self.stand_ins.contains(parent);
        let all = self.instances.entry(path).or_default();
        for key in expansion.keys() {
            let m = parent.child(name.clone(), key);
            if stand_in {
                self.stand_ins.insert(m.clone());
            }
            if looked_at(&m) {
                all.push(m.clone());
            }
            self.modules.entry(m).or_default();
        }
        self.module_mut(parent).calls.insert(name.clone(), expansion);
    }
    /// Whether a module instance stands for a number of instances that is not known, or
    /// is in one that does.
    pub fn is_stand_in(&self, m: &ModuleInstance) -> bool {
        self.stand_ins.contains(m)
    }
    /// Notes that a module has no instances because its parent has none.
    pub fn expand_none(&mut self, path: &ModulePath) {
        self.instances.entry(path.clone()).or_default();
    }
    /// Notes the instances of a resource.
    pub fn expand_resource(&mut self, addr: &AbsResource, expansion: Expansion) {
        self.module_mut(&addr.module).resources.entry(addr.resource.clone()).or_default().expansion =
            Some(expansion);
    }
    /// Sets the value of a resource instance.
    pub fn set_resource(&mut self, addr: &AbsResource, key: Key, value: Value) {
        self.module_mut(&addr.module).resources.entry(addr.resource.clone()).or_default().set(key, value);
    }
    /// The expansion of a resource.
    pub fn expansion(&self, addr: &AbsResource) -> Option<&Expansion> {
        self.modules.get(&addr.module)?.resources.get(&addr.resource)?.expansion.as_ref()
    }
}
