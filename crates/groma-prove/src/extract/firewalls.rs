//! Network firewalls.

use super::build::*;
use super::read::{Known, View};
use super::subnets::push_new;
use crate::model::*;

const POLICY: &str = "aws_networkfirewall_firewall_policy";
const GROUP: &str = "aws_networkfirewall_rule_group";

/// What a stateless rule does with a packet.
#[derive(Clone, Copy, PartialEq)]
enum Action {
    Pass,
    Forward,
    Drop,
}

impl<'w> Build<'w> {
    /// "AWS Network Firewall": an endpoint in each of its subnets. What the rules of its policy
    /// forbid once a connection is open is not read.
    pub(crate) fn read_firewall(&mut self, o: Obj) {
        let item = self.item(o);
        let presence = match self.passes_handshakes(o) {
            true => Presence::Sure,
            false => self.maybe(item, "firewall_policy_arn", "what its rules refuse is not looked at"),
        };
        let node = self.node(o);
        let vpc = match self.get(o, "vpc_id").is_absent() {
            // One that is attached to a transit gateway.
            true => {
                self.unsupported(item, "it inspects traffic of a transit gateway", Vec::new());
                return;
            }
            false => self.vpc_at(o, "vpc_id"),
        };
        let mut in_subnet: Vec<(SubnetId, InterfaceId)> = Vec::new();
        let many = self.get(o, "subnet_mapping").many();
        let mut subnets: Vec<SubnetId> =
            many.items.iter().map(|m| self.subnet(o, m.get("subnet_id").id(), Some(vpc))).collect();
        if many.unknown {
            subnets.push(self.subnet(o, Known::Unknown, Some(vpc)));
        }
        for s in subnets {
            let i = self.inspection(o, item, node, s);
            self.net.interfaces[i.index()].presence = presence;
            in_subnet.push((s, i));
        }
        for state in self.get(o, "firewall_status.sync_states").many().items {
            for a in state.get("attachment").many().items {
                let Known::Is(endpoint) = a.get("endpoint_id").id() else { continue };
                let zone = state.get("availability_zone").id();
                let subnet = match a.get("subnet_id").id() {
                    Known::Is(s) => self.subnets.get(s).copied(),
                    _ => None,
                };
                let chosen = in_subnet
                    .iter()
                    .find(|(s, _)| Some(*s) == subnet)
                    .or_else(|| {
                        in_subnet.iter().find(|(s, _)| {
                            let z = &self.net.subnets[s.index()].zone;
                            matches!((z, zone), (Some(z), Known::Is(t)) if **z == *t)
                        })
                    })
                    .or(if in_subnet.len() == 1 { in_subnet.first() } else { None });
                if let Some((_, i)) = chosen {
                    self.enis.entry(endpoint).or_default().push(*i);
                }
            }
        }
    }

    /// Whether a firewall surely lets TCP connections be opened, whatever it does with what is then
    /// said in them ("Stateless and stateful rules engines"; "Evaluation order for stateful rule
    /// groups": all but `drop_strict` let handshakes pass).
    fn passes_handshakes(&self, firewall: Obj) -> bool {
        let Known::Is(arn) = self.get(firewall, "firewall_policy_arn").id() else { return false };
        let Some(policy) = self.find(firewall, &[POLICY], arn) else { return false };
        match self.stateless(policy) {
            Some(Action::Pass) => true,
            Some(Action::Forward) => self.stateful_passes(policy),
            _ => false,
        }
    }
    /// What the stateless rules of a policy do with all of TCP; `None`: not the same with all, or
    /// not known.
    fn stateless(&self, policy: Obj) -> Option<Action> {
        let mut rules: Vec<(i64, i64, View<'w>)> = Vec::new();
        let references = self.get(policy, "firewall_policy.stateless_rule_group_reference").many();
        for r in &references.items {
            let group = self.find(policy, &[GROUP], r.get("resource_arn").id().is()?)?;
            let path = "rule_group.rules_source.stateless_rules_and_custom_actions.stateless_rule";
            let many = self.get(group, path).many();
            if many.unknown || many.absent {
                return None;
            }
            for rule in many.items {
                rules.push((r.get("priority").num().is()?, rule.get("priority").num().is()?, rule));
            }
        }
        let defaults = self.get(policy, "firewall_policy.stateless_default_actions");
        if references.unknown {
            return None;
        }
        rules.sort_by_key(|(group, rule, _)| (*group, *rule));
        let mut partly: Vec<Action> = Vec::new();
        let mut last = action(defaults)?;
        for (_, _, rule) in rules {
            let matched = rule.at("rule_definition.match_attributes");
            let protocols = matched.get("protocols").many();
            if protocols.unknown {
                return None;
            }
            if !protocols.absent && !protocols.items.iter().any(|p| p.num() == Known::Is(6)) {
                continue;
            }
            let does = action(rule.at("rule_definition.actions"))?;
            let whole = |name: &str| {
                let many = matched.get(name).many();
                let all = |v: &View<'_>| matches!(v.get("address_definition").net(), Known::Is(n) if n.prefix_len() == 0);
                many.absent || many.items.iter().any(all)
            };
            let narrow = ["source_port", "destination_port", "tcp_flag"];
            if whole("source") && whole("destination") && narrow.iter().all(|n| matched.get(n).is_absent()) {
                last = does;
                break;
            }
            push_new(&mut partly, does);
        }
        partly.iter().all(|a| *a == last).then_some(last)
    }
    /// Whether no stateful rule refuses a handshake. Lists of domains are asked once a client has
    /// said which it means.
    fn stateful_passes(&self, policy: Obj) -> bool {
        let defaults = self.get(policy, "firewall_policy.stateful_default_actions").many();
        let strict = |v: &View<'_>| !matches!(v.text(), Known::Is(t) if t != "aws:drop_strict");
        if defaults.unknown || defaults.items.iter().any(strict) {
            return false;
        }
        let references = self.get(policy, "firewall_policy.stateful_rule_group_reference").many();
        let passes = |r: &View<'w>| {
            let Known::Is(arn) = r.get("resource_arn").id() else { return false };
            let Some(group) = self.find(policy, &[GROUP], arn) else { return false };
            let source = self.get(group, "rule_group.rules_source");
            let rules = source.get("stateful_rule").many();
            self.get(group, "rules").is_absent()
                && source.get("rules_string").is_absent()
                && !rules.unknown
                && rules.items.iter().all(|r| matches!(r.get("action").text(), Known::Is("PASS" | "ALERT")))
                && !(rules.absent && source.get("rules_source_list").is_absent())
        };
        !references.unknown && references.items.iter().all(passes)
    }
}

/// The one action of a list that decides.
fn action(list: View<'_>) -> Option<Action> {
    let many = list.many();
    if many.unknown {
        return None;
    }
    many.items.iter().find_map(|v| match v.text() {
        Known::Is("aws:pass") => Some(Action::Pass),
        Known::Is("aws:forward_to_sfe") => Some(Action::Forward),
        Known::Is("aws:drop") => Some(Action::Drop),
        _ => None,
    })
}
