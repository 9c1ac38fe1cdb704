//! Endpoints through which services of AWS lead to what is elsewhere, without a way through VPCs.

use super::build::*;
use super::managed::tcp;
use super::read::Known;
use super::subnets::push_new;
use crate::model::*;

/// Endpoints that services put into VPCs, what they lead to, and the attribute that says to which.
const LINKS: [(&str, &str, &[&str]); 7] = [
    // "Access Amazon OpenSearch Service using an OpenSearch Service-managed VPC endpoint".
    ("aws_opensearch_vpc_endpoint", "domain_arn", DOMAINS),
    ("aws_elasticsearch_vpc_endpoint", "domain_arn", DOMAINS),
    // "Redshift-managed VPC endpoints".
    ("aws_redshift_endpoint_access", "cluster_identifier", &["aws_redshift_cluster"]),
    ("aws_redshiftserverless_endpoint_access", "workgroup_name", &["aws_redshiftserverless_workgroup"]),
    // "Amazon MSK multi-VPC private connectivity in a single Region".
    ("aws_msk_vpc_connection", "target_cluster_arn", &["aws_msk_cluster", "aws_msk_serverless_cluster"]),
    // "Working with Amazon RDS Proxy endpoints".
    ("aws_db_proxy_endpoint", "db_proxy_name", &["aws_db_proxy"]),
    // "Cross-cluster search in Amazon OpenSearch Service": from domain to domain.
    ("aws_opensearch_outbound_connection", "remote_domain_info.domain_name", DOMAINS),
];
const DOMAINS: &[&str] = &["aws_opensearch_domain", "aws_elasticsearch_domain"];

/// "EC2 Instance Connect Endpoint", limitations: SSH and RDP.
const PORTS: [u16; 2] = [22, 3389];

impl<'w> Build<'w> {
    pub(crate) fn read_managed_links(&mut self) {
        for (ty, path, types) in LINKS {
            for o in self.of(ty) {
                let item = self.item(o);
                let to = match self.get(o, path).id() {
                    Known::Is(id) => self.find(o, types, id),
                    Known::Absent => continue,
                    Known::Unknown => {
                        self.unsupported(item, "where it leads is known after apply only", Vec::new());
                        continue;
                    }
                };
                // Of another account: nobody asks for it here.
                let Some(to) = to else { continue };
                let from = match ty {
                    "aws_opensearch_outbound_connection" => {
                        match self.get(o, "local_domain_info.domain_name").id() {
                            Known::Is(id) => self.find(o, DOMAINS, id),
                            _ => None,
                        }
                    }
                    _ => Some(o),
                };
                let Some(from) = from else { continue };
                let presence = self.maybe(item, "", "what the service lets in by it is not looked at");
                let (from, to) = (self.node(from), self.node(to));
                self.net.relays.push(Relay::inside(item, from, to, presence));
            }
        }
    }

    /// "Connect to your instances using EC2 Instance Connect Endpoint": who IAM lets in comes from
    /// the internet, whatever rules the endpoint has for what comes in. "Security groups for EC2
    /// Instance Connect Endpoint": with the client's address, if that is preserved.
    pub(crate) fn read_connect_endpoints(&mut self) {
        for o in self.of("aws_ec2_instance_connect_endpoint") {
            let item = self.item(o);
            let from = self.node(o);
            self.net.nodes[from.index()].listens = Some(Vec::new());
            let entry = self.maybe(item, "", "IAM decides who may connect");
            let keeps_client = match self.get(o, "preserve_client_ip").flag() {
                Known::Is(b) => yes(b),
                _ => Tri::Maybe(self.doubt(item, "preserve_client_ip", NOT_KNOWN)),
            };
            let mut ends: Vec<NodeId> = Vec::new();
            for i in &self.net.interfaces {
                if i.kind == InterfaceKind::Ordinary && i.node != from {
                    push_new(&mut ends, i.node);
                }
            }
            for port in PORTS {
                let relay = |from, to, direct, keeps_client, presence| Relay {
                    item,
                    from,
                    accepts: Some(tcp(port, port)),
                    to,
                    connects: Some(tcp(port, port)),
                    keeps_client,
                    direct,
                    presence,
                };
                self.net.relays.push(relay(self.internet, from, true, Tri::No, entry));
                for to in &ends {
                    self.net.relays.push(relay(from, *to, false, keeps_client, Presence::Sure));
                }
            }
        }
    }
}
