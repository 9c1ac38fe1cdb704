//! Who speaks for the providers while a plan is rehearsed.

use groma_engine::rehearse::{Making, Site, Understudy};
use groma_sandbox::{StandIns, Subject};
use groma_value::addr::{ProviderConfig, ResourceInstance};
use groma_value::{Mark, Type, Value};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The text for an account or region that nobody knows.
const SOMEWHERE: (&str, &str) = ("000000000000", "us-east-1");

/// Collections of what AWS computes whose content can be made up: one element for each
/// zone or subnet that is known.
const FORESEEN: &[(&str, &str)] = &[
    ("aws_vpc_endpoint", "network_interface_ids"),
    ("aws_vpc_endpoint", "dns_entry"),
    ("aws_networkfirewall_firewall", "firewall_status"),
    ("aws_vpc_endpoint_service", "base_endpoint_dns_names"),
];

/// Makes things up as AWS would give them, for all root modules of a world.
pub struct Speaker {
    stand_ins: StandIns,
    /// Accounts by provider configuration, where a data source told.
    pub accounts: RefCell<BTreeMap<String, Arc<str>>>,
    /// The account and region of what names none.
    pub default_account: Option<Arc<str>>,
    pub default_region: Option<Arc<str>>,
    /// Outputs of root modules that were rehearsed, by name.
    pub outputs: RefCell<BTreeMap<String, Value>>,
    count: Cell<u64>,
}

impl Speaker {
    /// For a new world.
    pub fn new() -> Result<Speaker, String> {
        Ok(Speaker {
            stand_ins: StandIns::new(0x9e37_79b9).map_err(|e| e.to_string())?,
            accounts: RefCell::default(),
            default_account: None,
            default_region: None,
            outputs: RefCell::default(),
            count: Cell::new(0),
        })
    }

    /// `planned` with everything made up, for objects of which only a document is known.
    pub fn invent(&self, ty: &str, schema: &groma_value::schema::Schema, planned: &Value) -> Value {
        let region = self.default_region.as_deref().unwrap_or(SOMEWHERE.1);
        let account = self.default_account.as_deref().unwrap_or(SOMEWHERE.0);
        let subject = Subject { account, region, ty };
        let plain = planned.unmark_deep().0;
        self.stand_ins.complete(subject, &schema.block, &plain, &Value::null(planned.ty()))
    }

    fn generic(&self, making: &Making<'_>) -> Value {
        let Some(fields) = making.planned.as_fields() else { return making.planned.clone() };
        let mirror = &*making.addr.resource.ty == "terraform_data";
        Value::Object(Arc::new(fields.map_values(|name, v| match v {
            Value::Unknown(..) if mirror && &**name == "output" => {
                making.planned.get_attr("input").unwrap_or_else(|| v.clone())
            }
            Value::Unknown(Type::String, _) => {
                self.count.set(self.count.get() + 1);
                let ty = making.addr.resource.ty.replace('_', "-");
                Value::string(format!("{ty}-{name}-{:06}", self.count.get()))
            }
            _ => v.clone(),
        })))
    }
}

fn is_aws(p: &ProviderConfig) -> bool {
    p.provider.provider == crate::providers::sandboxed()
}

fn text(v: &Value, name: &str) -> Option<Arc<str>> {
    v.get_attr(name)?.as_str().filter(|t| !t.is_empty()).map(Arc::from)
}

fn account_of(arn: &str) -> Option<&str> {
    arn.split(':').nth(4).filter(|a| !a.is_empty())
}

/// The account that a provider's configuration names: of the role that it assumes, or
/// the only one that it allows.
fn account(config: &Value) -> Option<Arc<str>> {
    for block in ["assume_role", "assume_role_with_web_identity"] {
        let roles = config.get_attr(block)?;
        for role in roles.as_elements().unwrap_or_default() {
            if let Some(a) = text(role, "role_arn").as_deref().and_then(account_of) {
                return Some(a.into());
            }
        }
    }
    let allowed = config.get_attr("allowed_account_ids")?;
    match allowed.as_elements()? {
        [one] => one.as_str().map(Arc::from),
        _ => None,
    }
}

impl Understudy for Speaker {
    fn site(&self, provider: &ProviderConfig, config: &Value, object: &Value) -> Site {
        if !is_aws(provider) {
            return Site::default();
        }
        let told = || self.accounts.borrow().get(&provider.to_string()).cloned();
        // Providers from version 6 on let each resource say its region.
        let own = object.get_attr("region").filter(|v| !v.has_mark(&Mark::Invented));
        let own = own.and_then(|v| v.as_str().filter(|t| !t.is_empty()).map(Arc::from));
        Site {
            account: account(config).or_else(told).or_else(|| self.default_account.clone()),
            region: own.or_else(|| text(config, "region")).or_else(|| self.default_region.clone()),
        }
    }

    fn complete(&self, making: &Making<'_>) -> Value {
        if !is_aws(making.provider) {
            return self.generic(making);
        }
        let subject = subject(making);
        let made = self.stand_ins.complete(subject, &making.schema.block, making.planned, making.prior);
        let (Some(planned), Some(fields)) = (making.planned.as_fields(), made.as_fields()) else {
            return made;
        };
        // How many elements there will be, nobody knows.
        Value::Object(Arc::new(fields.map_values(|name, v| match planned.get(name) {
            Some(p @ Value::Unknown(Type::List(_) | Type::Set(_) | Type::Map(_), _))
                if !FORESEEN.contains(&(subject.ty, &**name)) =>
            {
                p.clone()
            }
            _ => v.clone(),
        })))
    }

    fn know(&self, making: &Making<'_>) {
        if is_aws(making.provider) {
            self.stand_ins.know(subject(making), &making.schema.block, making.planned);
        }
    }

    fn data(&self, addr: &ResourceInstance, site: &Site, config: &Value) -> Option<Value> {
        let account = || site.account.clone().map(|a| Value::string(&*a));
        let region = || site.region.clone().map(|r| Value::string(&*r));
        match &*addr.resource.ty {
            "terraform_remote_state" => {
                let root = crate::providers::root_of(&config.get_attr("config")?)?;
                let outputs = self.outputs.borrow().get(&root).cloned()?;
                Some(Value::object([("outputs", outputs)]))
            }
            "aws_caller_identity" => Some(Value::object([("account_id", account()?), ("id", account()?)])),
            "aws_region" => {
                let region = region()?;
                Some(Value::object([("name", region.clone()), ("id", region.clone()), ("region", region)]))
            }
            _ => None,
        }
    }
}

fn subject<'a>(making: &'a Making<'_>) -> Subject<'a> {
    Subject {
        account: making.site.account.as_deref().unwrap_or(SOMEWHERE.0),
        region: making.site.region.as_deref().unwrap_or(SOMEWHERE.1),
        ty: &making.addr.resource.ty,
    }
}
