//! Addresses of modules, resources and providers, as they are written in
//! configurations, states and on the command line.

use crate::types::Name;
use std::fmt;
use std::sync::Arc;

/// The key of one instance of something with `count` or `for_each`.
/// Numbers order before strings, numerically.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Key {
    /// No `count` or `for_each`.
    None,
    /// An index of `count`.
    Int(u64),
    /// A key of `for_each`.
    Str(Name),
}

impl Key {
    /// The key as a value: a number, a string, or `None`.
    pub fn value(&self) -> Option<crate::Value> {
        match self {
            Key::None => None,
            Key::Int(i) => Some(crate::Value::int(*i as i64)),
            Key::Str(s) => Some(crate::Value::String(s.clone())),
        }
    }
}

/// Quotes a string as HCL does in an address: `"a\"b"`, `${` and `%{` doubled.
pub fn quote(s: &str) -> String {
    let mut out = String::with_capacity(s.len() + 2);
    out.push('"');
    let mut chars = s.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '$' | '%' if chars.peek() == Some(&'{') => {
                out.push(c);
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Key::None => Ok(()),
            Key::Int(i) => write!(f, "[{i}]"),
            Key::Str(s) => write!(f, "[{}]", quote(s)),
        }
    }
}

/// A static module path: the names of calls from the root. Empty: the root module.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ModulePath(Arc<[Name]>);

impl ModulePath {
    /// The root module.
    pub fn root() -> ModulePath {
        ModulePath::default()
    }
    /// The path of the module called `name` in this one.
    pub fn child(&self, name: impl Into<Name>) -> ModulePath {
        ModulePath(self.0.iter().cloned().chain([name.into()]).collect())
    }
    /// The calling module; `None` for the root.
    pub fn parent(&self) -> Option<ModulePath> {
        let (_, rest) = self.0.split_last()?;
        Some(ModulePath(rest.into()))
    }
    /// The names of the calls.
    pub fn names(&self) -> &[Name] {
        &self.0
    }
    /// The name of the last call.
    pub fn last(&self) -> Option<&Name> {
        self.0.last()
    }
    /// Whether this is the root module.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }
}

/// `module.a.module.b`, empty for the root.
impl fmt::Display for ModulePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, n) in self.0.iter().enumerate() {
            if i > 0 {
                f.write_str(".")?;
            }
            write!(f, "module.{n}")?;
        }
        Ok(())
    }
}

impl<N: Into<Name>> FromIterator<N> for ModulePath {
    fn from_iter<I: IntoIterator<Item = N>>(iter: I) -> Self {
        ModulePath(iter.into_iter().map(Into::into).collect())
    }
}

/// An instance of a module: calls with their keys. Empty: the root module.
/// Cloning is a pointer copy.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ModuleInstance(Arc<[(Name, Key)]>);

impl ModuleInstance {
    /// The root module.
    pub fn root() -> ModuleInstance {
        ModuleInstance::default()
    }
    /// The instance `key` of the module called `name` in this one.
    pub fn child(&self, name: impl Into<Name>, key: Key) -> ModuleInstance {
        ModuleInstance(self.0.iter().cloned().chain([(name.into(), key)]).collect())
    }
    /// The calling module instance; `None` for the root.
    pub fn parent(&self) -> Option<ModuleInstance> {
        let (_, rest) = self.0.split_last()?;
        Some(ModuleInstance(rest.into()))
    }
    /// The last call.
    pub fn last(&self) -> Option<&(Name, Key)> {
        self.0.last()
    }
    /// All calls from the root.
    pub fn steps(&self) -> &[(Name, Key)] {
        &self.0
    }
    /// Whether this is the root module.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }
    /// Without the keys.
    pub fn path(&self) -> ModulePath {
        self.0.iter().map(|(n, _)| n.clone()).collect()
    }
    /// Whether `self` is `other` or within it.
    pub fn within(&self, other: &ModuleInstance) -> bool {
        self.0.len() >= other.0.len() && self.0[..other.0.len()] == other.0[..]
    }
}

impl FromIterator<(Name, Key)> for ModuleInstance {
    fn from_iter<I: IntoIterator<Item = (Name, Key)>>(iter: I) -> Self {
        ModuleInstance(iter.into_iter().collect())
    }
}

/// `module.a[0].module.b`, empty for the root.
impl fmt::Display for ModuleInstance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, (n, k)) in self.0.iter().enumerate() {
            if i > 0 {
                f.write_str(".")?;
            }
            write!(f, "module.{n}{k}")?;
        }
        Ok(())
    }
}

/// The kind of a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Mode {
    /// A `data` block.
    Data,
    /// A `resource` block.
    Managed,
    /// An `ephemeral` block.
    Ephemeral,
}

impl Mode {
    /// `managed` or `data`, as states and plan JSON say.
    pub fn as_str(self) -> &'static str {
        match self {
            Mode::Data => "data",
            Mode::Managed => "managed",
            Mode::Ephemeral => "ephemeral",
        }
    }
}

/// A resource within its module: `aws_vpc.main`, `data.aws_ami.x`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Resource {
    /// Managed, data or ephemeral.
    pub mode: Mode,
    /// The type: `aws_vpc`.
    pub ty: Name,
    /// The name: `main`.
    pub name: Name,
}

impl Resource {
    /// A managed resource.
    pub fn managed(ty: impl Into<Name>, name: impl Into<Name>) -> Resource {
        Resource { mode: Mode::Managed, ty: ty.into(), name: name.into() }
    }
    /// A data source.
    pub fn data(ty: impl Into<Name>, name: impl Into<Name>) -> Resource {
        Resource { mode: Mode::Data, ty: ty.into(), name: name.into() }
    }
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.mode {
            Mode::Managed => {}
            Mode::Data => f.write_str("data.")?,
            Mode::Ephemeral => f.write_str("ephemeral.")?,
        }
        write!(f, "{}.{}", self.ty, self.name)
    }
}

macro_rules! in_module {
    ($(#[$doc:meta])* $name:ident { $module:ty, $item:ident : $ity:ty }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name {
            /// The module.
            pub module: $module,
            /// What is in it.
            pub $item: $ity,
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                if !self.module.is_root() {
                    write!(f, "{}.", self.module)?;
                }
                write!(f, "{}", self.$item)
            }
        }
    };
}

in_module!(
    /// A resource in the static module tree: `module.a.aws_vpc.main`. This is
    /// what a state's `dependencies` list.
    ConfigResource { ModulePath, resource: Resource }
);
in_module!(
    /// A resource in a module instance: `module.a[0].aws_vpc.main`.
    AbsResource { ModuleInstance, resource: Resource }
);

impl AbsResource {
    /// The address of one instance.
    pub fn instance(&self, key: Key) -> ResourceInstance {
        ResourceInstance { module: self.module.clone(), resource: self.resource.clone(), key }
    }
    /// Without instance keys.
    pub fn config(&self) -> ConfigResource {
        ConfigResource { module: self.module.path(), resource: self.resource.clone() }
    }
}

/// A resource instance: `module.a[0].aws_vpc.main["x"]`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ResourceInstance {
    /// The module instance.
    pub module: ModuleInstance,
    /// The resource within it.
    pub resource: Resource,
    /// The instance key.
    pub key: Key,
}

impl ResourceInstance {
    /// The resource that this is an instance of.
    pub fn abs_resource(&self) -> AbsResource {
        AbsResource { module: self.module.clone(), resource: self.resource.clone() }
    }
    /// Without instance keys.
    pub fn config(&self) -> ConfigResource {
        ConfigResource { module: self.module.path(), resource: self.resource.clone() }
    }
}

impl fmt::Display for ResourceInstance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.module.is_root() {
            write!(f, "{}.", self.module)?;
        }
        write!(f, "{}{}", self.resource, self.key)
    }
}

/// A provider's source address: `registry.terraform.io/hashicorp/aws`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Provider {
    /// The registry's host name, lower case.
    pub hostname: Name,
    /// The namespace.
    pub namespace: Name,
    /// The type: usually the prefix of its resource types.
    pub ty: Name,
}

/// The host that source addresses without a host name mean.
pub const DEFAULT_REGISTRY: &str = "registry.terraform.io";

impl Provider {
    /// The provider that `ty` means without `required_providers`: `hashicorp/ty`,
    /// and the built-in one for `terraform`.
    pub fn implied(ty: &str) -> Provider {
        if ty == "terraform" {
            return Provider::builtin();
        }
        Provider { hostname: DEFAULT_REGISTRY.into(), namespace: "hashicorp".into(), ty: ty.into() }
    }
    /// `terraform.io/builtin/terraform`
    pub fn builtin() -> Provider {
        Provider { hostname: "terraform.io".into(), namespace: "builtin".into(), ty: "terraform".into() }
    }
    /// Whether it is built into the binary.
    pub fn is_builtin(&self) -> bool {
        &*self.hostname == "terraform.io" && &*self.namespace == "builtin"
    }
    /// Parses `type`, `namespace/type` or `host/namespace/type`; on error, the
    /// reason as a sentence.
    pub fn parse(source: &str) -> Result<Provider, String> {
        let parts: Vec<&str> = source.split('/').collect();
        let part_ok = |p: &str| {
            !p.is_empty()
                && p.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_')
                && !p.starts_with('-')
                && !p.ends_with('-')
                && !p.contains("--")
        };
        let (host, ns, ty) = match parts[..] {
            [ty] => (DEFAULT_REGISTRY, "hashicorp", ty),
            [ns, ty] => (DEFAULT_REGISTRY, ns, ty),
            [host, ns, ty] => (host, ns, ty),
            _ => {
                return Err(
                    "The \"source\" attribute must be in the format \"[hostname/][namespace/]name\"".into()
                );
            }
        };
        if parts.len() == 1 && ty == "terraform" {
            return Ok(Provider::builtin());
        }
        for (what, p) in [("namespace", ns), ("type", ty)] {
            if !part_ok(p) {
                return Err(format!(
                    "Invalid provider {what} {p:?} in source {source:?}: must contain only letters, digits, dashes and underscores, and may not start or end with a dash"
                ));
            }
        }
        if host.is_empty() || !host.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '.' | ':')) {
            return Err(format!("Invalid provider source hostname {host:?} in source {source:?}"));
        }
        Ok(Provider {
            hostname: host.to_lowercase().into(),
            namespace: ns.to_lowercase().into(),
            ty: ty.to_lowercase().into(),
        })
    }
    /// The short form for messages: `hashicorp/aws`, with the host name where it
    /// is not the default one.
    pub fn for_display(&self) -> String {
        if &*self.hostname == DEFAULT_REGISTRY {
            format!("{}/{}", self.namespace, self.ty)
        } else {
            self.to_string()
        }
    }
}

/// The full form.
impl fmt::Display for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.hostname, self.namespace, self.ty)
    }
}

in_module!(
    /// A provider configuration as states name it:
    /// `module.a.provider["registry.terraform.io/hashicorp/aws"].west`, and an instance of
    /// one with `for_each` (OpenTofu) with its key after that.
    ProviderConfig { ModulePath, provider: ProviderAlias }
);

/// A provider, an optional alias, and the key of an instance.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ProviderAlias {
    /// The provider.
    pub provider: Provider,
    /// The `alias`, if any.
    pub alias: Option<Name>,
    /// Which instance, where the configuration has `for_each`.
    pub key: Key,
}

impl fmt::Display for ProviderAlias {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "provider[\"{}\"]", self.provider)?;
        if let Some(a) = &self.alias {
            write!(f, ".{a}")?;
        }
        write!(f, "{}", self.key)
    }
}

impl ProviderConfig {
    /// The configuration of `provider` without alias in the root module.
    pub fn root_default(provider: Provider) -> ProviderConfig {
        ProviderConfig {
            module: ModulePath::root(),
            provider: ProviderAlias { provider, alias: None, key: Key::None },
        }
    }
    /// The configuration without the key of an instance.
    pub fn whole(&self) -> ProviderConfig {
        self.instance(Key::None)
    }
    /// An instance of the configuration.
    pub fn instance(&self, key: Key) -> ProviderConfig {
        let ProviderAlias { provider, alias, .. } = self.provider.clone();
        ProviderConfig { module: self.module.clone(), provider: ProviderAlias { provider, alias, key } }
    }
    /// Parses what `Display` writes.
    pub fn parse(text: &str) -> Result<ProviderConfig, String> {
        let bad = || format!("Invalid provider configuration address {text:?}");
        let steps = parse_steps(text)?;
        let mut i = 0;
        let mut path = Vec::new();
        while let [Step::Name(m), Step::Name(n), ..] = &steps[i..] {
            if &**m != "module" {
                break;
            }
            path.push(n.clone());
            i += 2;
        }
        match &steps[i..] {
            [Step::Name(p), Step::Key(Key::Str(src)), rest @ ..] if &**p == "provider" => {
                let (alias, key) = match rest {
                    [] => (None, Key::None),
                    [Step::Name(a)] => (Some(a.clone()), Key::None),
                    [Step::Name(a), Step::Key(key @ Key::Str(_))] => (Some(a.clone()), key.clone()),
                    _ => return Err(bad()),
                };
                let provider = Provider::parse(src)?;
                Ok(ProviderConfig {
                    module: path.into_iter().collect(),
                    provider: ProviderAlias { provider, alias, key },
                })
            }
            _ => Err(bad()),
        }
    }
}

/// What `-target`, `-replace`, `moved`, `state` commands name: a module, a
/// resource or an instance.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Target {
    /// A module instance, and all within. With `Key::None` on a call that has
    /// `count` or `for_each`, all its instances.
    Module(ModuleInstance),
    /// A resource, or its instance with `Key::None`.
    Resource(AbsResource),
    /// A resource instance with a key.
    Instance(ResourceInstance),
}

impl Target {
    /// Whether the instance is covered. A call named without key covers all keys.
    pub fn covers(&self, addr: &ResourceInstance) -> bool {
        let module = |m: &ModuleInstance| {
            m.steps().len() <= addr.module.steps().len()
                && m.steps()
                    .iter()
                    .zip(addr.module.steps())
                    .all(|(t, a)| t.0 == a.0 && (t.1 == Key::None || t.1 == a.1))
        };
        match self {
            Target::Module(m) => module(m),
            Target::Resource(r) => {
                r.module.steps().len() == addr.module.steps().len()
                    && module(&r.module)
                    && r.resource == addr.resource
            }
            Target::Instance(i) => {
                i.module.steps().len() == addr.module.steps().len()
                    && module(&i.module)
                    && i.resource == addr.resource
                    && i.key == addr.key
            }
        }
    }
    /// The module instance named or containing what is named.
    pub fn module(&self) -> &ModuleInstance {
        match self {
            Target::Module(m) => m,
            Target::Resource(r) => &r.module,
            Target::Instance(i) => &i.module,
        }
    }
    /// Parses an address; on error, the reason as a sentence.
    pub fn parse(text: &str) -> Result<Target, String> {
        let steps = parse_steps(text)?;
        let mut i = 0;
        let mut module: Vec<(Name, Key)> = Vec::new();
        while matches!(steps.get(i), Some(Step::Name(m)) if &**m == "module") {
            let Some(Step::Name(n)) = steps.get(i + 1) else {
                return Err(format!(
                    "Invalid address {text:?}: \"module\" must be followed by a module name"
                ));
            };
            i += 2;
            let key = match steps.get(i) {
                Some(Step::Key(k)) => {
                    i += 1;
                    k.clone()
                }
                _ => Key::None,
            };
            module.push((n.clone(), key));
        }
        let module: ModuleInstance = module.into_iter().collect();
        let rest = &steps[i..];
        if rest.is_empty() {
            return if module.is_root() {
                Err("An address is required".into())
            } else {
                Ok(Target::Module(module))
            };
        }
        let (mode, rest) = match rest {
            [Step::Name(d), rest @ ..] if &**d == "data" => (Mode::Data, rest),
            [Step::Name(d), rest @ ..] if &**d == "ephemeral" => (Mode::Ephemeral, rest),
            [Step::Name(d), rest @ ..] if &**d == "resource" && rest.len() >= 2 => (Mode::Managed, rest),
            rest => (Mode::Managed, rest),
        };
        match rest {
            [Step::Name(ty), Step::Name(name), tail @ ..] => {
                let resource = Resource { mode, ty: ty.clone(), name: name.clone() };
                match tail {
                    [] => Ok(Target::Resource(AbsResource { module, resource })),
                    [Step::Key(k)] => {
                        Ok(Target::Instance(ResourceInstance { module, resource, key: k.clone() }))
                    }
                    _ => Err(format!(
                        "Invalid address {text:?}: unexpected extra operators after the resource instance"
                    )),
                }
            }
            _ => Err(format!(
                "Invalid address {text:?}: a resource is written as TYPE.NAME, a module as module.NAME"
            )),
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Target::Module(m) => m.fmt(f),
            Target::Resource(r) => r.fmt(f),
            Target::Instance(i) => i.fmt(f),
        }
    }
}

impl ResourceInstance {
    /// Parses an address of a resource instance.
    pub fn parse(text: &str) -> Result<ResourceInstance, String> {
        match Target::parse(text)? {
            Target::Resource(r) => Ok(r.instance(Key::None)),
            Target::Instance(i) => Ok(i),
            Target::Module(_) => Err(format!("{text:?} is the address of a module, not of a resource")),
        }
    }
}

impl ModuleInstance {
    /// Parses `module.a[0].module.b`; the empty string is the root.
    pub fn parse(text: &str) -> Result<ModuleInstance, String> {
        if text.is_empty() {
            return Ok(ModuleInstance::root());
        }
        match Target::parse(text)? {
            Target::Module(m) => Ok(m),
            _ => Err(format!("{text:?} is not the address of a module")),
        }
    }
}

impl ConfigResource {
    /// Parses `module.a.aws_vpc.main`.
    pub fn parse(text: &str) -> Result<ConfigResource, String> {
        match Target::parse(text)? {
            Target::Resource(r) => Ok(r.config()),
            Target::Instance(i) => Ok(i.config()),
            Target::Module(_) => Err(format!("{text:?} is the address of a module, not of a resource")),
        }
    }
}

enum Step {
    Name(Name),
    Key(Key),
}

/// Splits an address into names and bracketed keys.
fn parse_steps(text: &str) -> Result<Vec<Step>, String> {
    let err = |at: usize, what: &str| format!("Invalid address {text:?}: {what} at character {}", at + 1);
    let chars: Vec<char> = text.chars().collect();
    let mut out = Vec::new();
    let mut i = 0;
    let ident = |c: char| unicode_ident::is_xid_continue(c) || c == '-';
    loop {
        let start = i;
        while i < chars.len() && ident(chars[i]) {
            i += 1;
        }
        if i == start {
            return Err(err(i, "a name is missing"));
        }
        out.push(Step::Name(chars[start..i].iter().collect::<String>().into()));
        while chars.get(i) == Some(&'[') {
            i += 1;
            if chars.get(i) == Some(&'"') {
                i += 1;
                let mut s = String::new();
                loop {
                    match chars.get(i) {
                        None => return Err(err(i, "the quoted key does not end")),
                        Some('"') => break,
                        Some('\\') => {
                            i += 1;
                            s.push(match chars.get(i) {
                                Some('n') => '\n',
                                Some('r') => '\r',
                                Some('t') => '\t',
                                Some('"') => '"',
                                Some('\\') => '\\',
                                _ => return Err(err(i, "an unknown escape sequence")),
                            });
                        }
                        Some(c @ ('$' | '%'))
                            if chars.get(i + 1) == Some(c) && chars.get(i + 2) == Some(&'{') =>
                        {
                            s.push(*c);
                            i += 1;
                        }
                        Some(c) => s.push(*c),
                    }
                    i += 1;
                }
                i += 1;
                out.push(Step::Key(Key::Str(crate::value::nfc(&s))));
            } else {
                let start = i;
                while i < chars.len() && chars[i].is_ascii_digit() {
                    i += 1;
                }
                let digits: String = chars[start..i].iter().collect();
                let n = digits
                    .parse()
                    .map_err(|_| err(start, "an instance key must be a number or a quoted string"))?;
                out.push(Step::Key(Key::Int(n)));
            }
            if chars.get(i) != Some(&']') {
                return Err(err(i, "a closing bracket is missing"));
            }
            i += 1;
        }
        match chars.get(i) {
            None => return Ok(out),
            Some('.') => i += 1,
            Some(_) => return Err(err(i, "an unexpected character")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_round_trip() {
        for s in [
            "aws_vpc.main",
            "aws_vpc.main[3]",
            "data.aws_ami.x[\"a\\\"b.c\"]",
            "module.a",
            "module.a[\"k\"].module.b[0].aws_vpc.main",
            "module.a.data.x.y",
        ] {
            assert_eq!(Target::parse(s).unwrap().to_string(), s);
        }
        for s in ["", "aws_vpc", "module.", "a.b.c", "a.b[", "a.b[x]", "a.b[\"x]", "a..b"] {
            assert!(Target::parse(s).is_err(), "{s}");
        }
    }

    #[test]
    fn provider_configs_round_trip() {
        for s in [
            "provider[\"registry.terraform.io/hashicorp/aws\"]",
            "module.a.module.b.provider[\"registry.terraform.io/hashicorp/aws\"].west",
            "provider[\"registry.terraform.io/hashicorp/aws\"].by[\"eu\"]",
        ] {
            assert_eq!(ProviderConfig::parse(s).unwrap().to_string(), s);
        }
        assert!(ProviderConfig::parse("aws").is_err());
        assert!(ProviderConfig::parse("provider[\"registry.terraform.io/hashicorp/aws\"].by[0]").is_err());
    }

    #[test]
    fn a_call_without_key_covers_all_its_instances() {
        let t = Target::parse("module.a.x.y").unwrap();
        assert!(t.covers(&ResourceInstance::parse("module.a[1].x.y[2]").unwrap()));
        assert!(!t.covers(&ResourceInstance::parse("module.b.x.y").unwrap()));
        assert!(!t.covers(&ResourceInstance::parse("module.a.module.c.x.y").unwrap()));
    }
}
