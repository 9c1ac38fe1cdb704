//! Public services of AWS that lead into VPCs: API gateways, CloudFront, Global Accelerator.

use super::build::*;
use super::read::{Known, View};
use crate::model::*;

const LBS: &[&str] = &["aws_lb", "aws_alb"];

impl<'w> Build<'w> {
    pub(crate) fn read_entries(&mut self) {
        self.read_http_links();
        self.read_rest_links();
        self.read_function_entries();
        self.read_managed_links();
        self.read_connect_endpoints();
        for o in self.of("aws_cloudfront_vpc_origin") {
            // "Restrict access with VPC origins": to a private load balancer or instance.
            let arn = self.get(o, "vpc_origin_endpoint_config.arn");
            self.entry(o, arn, "a distribution decides what passes", Tri::No);
        }
        for o in self.of("aws_globalaccelerator_endpoint_group") {
            // "Preserve client IP addresses in AWS Global Accelerator".
            let many = self.get(o, "endpoint_configuration").many();
            self.unknown_ends(o, many.unknown);
            for e in many.items {
                let keeps = match e.get("client_ip_preservation_enabled").flag() {
                    Known::Is(b) => yes(b),
                    _ => {
                        let item = self.item(o);
                        Tri::Maybe(self.doubt(
                            item,
                            "endpoint_configuration",
                            "whether clients are seen depends on the endpoint",
                        ))
                    }
                };
                self.entry(o, e.get("endpoint_id"), "a listener decides which ports pass", keeps);
            }
        }
    }

    fn unknown_ends(&mut self, o: Obj, unknown: bool) {
        if unknown {
            let item = self.item(o);
            self.unsupported(item, "to what it leads is known after apply only", Vec::new());
        }
    }

    /// From the internet to what an ARN or id means, inside AWS.
    fn entry(&mut self, o: Obj, to: View<'w>, why: &str, keeps_client: Tri) {
        let item = self.item(o);
        let types = ["aws_lb", "aws_alb", "aws_instance", "aws_spot_instance_request", "aws_eip"];
        let found = match to.id() {
            Known::Is(id) => self.find(o, &types, id),
            _ => None,
        };
        match found {
            // A public address is reached without it too.
            Some(t) if self.ty(t) == "aws_eip" => {}
            Some(t) => {
                let to = self.node(t);
                let presence = self.maybe(item, "", why);
                self.net.relays.push(Relay {
                    item,
                    from: self.internet,
                    accepts: None,
                    to,
                    connects: None,
                    keeps_client,
                    direct: true,
                    presence,
                });
            }
            None => self.unsupported(
                item,
                "it leads from the internet to something that is not in this configuration",
                Vec::new(),
            ),
        }
    }

    /// "Create private integrations for HTTP APIs": from interfaces of the link to a listener.
    fn read_http_links(&mut self) {
        for link in self.of("aws_apigatewayv2_vpc_link") {
            let item = self.item(link);
            let from = self.node(link);
            self.net.nodes[from.index()].listens = Some(Vec::new());
            let id = self.get(link, "id").id();
            let mut used = false;
            for i in self.of("aws_apigatewayv2_integration") {
                let of = self.get(i, "connection_id").id();
                if of.is_absent() || (of != id && !of.is_unknown()) {
                    continue;
                }
                used = true;
                let by = self.item(i);
                let found = match self.get(i, "integration_uri").id() {
                    Known::Is(uri) => {
                        self.find(i, &["aws_lb_listener", "aws_alb_listener", "aws_lb", "aws_alb"], uri)
                    }
                    _ => None,
                };
                let Some(mut to) = found else {
                    // A name of a service discovery, or something of others.
                    self.unsupported(by, "where its private integration leads is not known", Vec::new());
                    continue;
                };
                let mut connects = None;
                if self.ty(to).ends_with("listener") {
                    if let Known::Is(p) = self.get(to, "port").num()
                        && let Ok(p) = u16::try_from(p)
                    {
                        connects = Some((Protocol::Number(6), Ports { from: p, to: p }));
                    }
                    match self.get(to, "load_balancer_arn").id() {
                        Known::Is(arn) => match self.find(to, LBS, arn) {
                            Some(lb) => to = lb,
                            None => continue,
                        },
                        _ => continue,
                    }
                }
                let to = self.node(to);
                self.net.relays.push(Relay {
                    item: by,
                    from,
                    accepts: None,
                    to,
                    connects,
                    keeps_client: Tri::No,
                    direct: false,
                    presence: Presence::Sure,
                });
            }
            if used {
                let presence = self.maybe(item, "", "the API decides which requests pass");
                self.net.relays.push(Relay::inside(item, self.internet, from, presence));
            }
        }
    }
    /// "Set up private integrations" of REST APIs: to network load balancers, inside AWS.
    fn read_rest_links(&mut self) {
        for link in self.of("aws_api_gateway_vpc_link") {
            let many = self.get(link, "target_arns").many();
            self.unknown_ends(link, many.unknown);
            for t in many.items {
                self.entry(link, t, "the API decides which requests pass", Tri::No);
            }
        }
    }
}
