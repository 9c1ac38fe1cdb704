//! Documents that say where something runs.

use super::build::*;
use super::groups::Groups;
use super::interfaces::Spec;
use super::read::Known;
use super::subnets::push_new;
use crate::model::*;

impl<'w> Build<'w> {
    /// "Run Amazon ECS or Fargate tasks with Step Functions": the definition of a state machine
    /// names the subnets and groups of the tasks that it runs.
    pub(crate) fn read_state_machines(&mut self) {
        for o in self.of("aws_sfn_state_machine") {
            let item = self.item(o);
            let text = match self.get(o, "definition").id() {
                Known::Is(text) => text,
                Known::Absent => continue,
                Known::Unknown => {
                    self.unsupported(item, "what it runs is known after apply only", Vec::new());
                    continue;
                }
            };
            if !text.contains("wsvpcConfiguration") {
                continue;
            }
            let mut subnets: Vec<SubnetId> = Vec::new();
            for (id, s) in &self.subnets {
                if text.contains(id) {
                    push_new(&mut subnets, *s);
                }
            }
            if subnets.is_empty() {
                self.unsupported(item, "in which subnets its tasks run is not known", Vec::new());
                continue;
            }
            subnets.sort_unstable();
            let mut groups = Groups { known: Vec::new(), unknown: None };
            let mut found: Vec<GroupId> = Vec::new();
            for (id, g) in &self.groups {
                if text.contains(id) {
                    push_new(&mut found, *g);
                }
            }
            found.sort_unstable();
            groups.known.extend(found.into_iter().map(|g| (g, Presence::Sure)));
            let public = match text.contains("ENABLED") {
                true => Tri::Maybe(self.doubt(item, "definition", "some task of it may be public")),
                false => Tri::No,
            };
            let node = self.node(o);
            for subnet in subnets {
                let spec = Spec {
                    groups: Some(groups.clone()),
                    public,
                    many: true,
                    ..Spec::new(item, node, subnet)
                };
                self.interface_of(o, spec);
            }
        }
    }
}
