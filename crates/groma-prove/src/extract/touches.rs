//! What types of resources are to the network, for whoever asks what a change of one may do.

use super::unsupported::{is_elsewhere, is_harmless, is_tunnel};

/// What the objects of a type are to the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Touches {
    /// Nothing: whether one is there changes nothing.
    Nothing,
    /// They carry no packets. What names them is as they say, or they let something in: one more
    /// opens something at most.
    ByName,
    /// They carry packets, or decide which are carried, or nobody knows.
    Network,
}

/// Harmless types (see `harmless.txt`) that are read all the same, for what they are to others.
const NAMED: [&str; 34] = [
    "aws_alb_listener",
    "aws_alb_target_group",
    "aws_api_gateway_integration",
    "aws_api_gateway_rest_api",
    "aws_apigatewayv2_api",
    "aws_apigatewayv2_integration",
    "aws_appsync_datasource",
    "aws_dax_subnet_group",
    "aws_db_option_group",
    "aws_db_subnet_group",
    "aws_dms_replication_subnet_group",
    "aws_docdb_subnet_group",
    "aws_ec2_client_vpn_authorization_rule",
    "aws_ecs_capacity_provider",
    "aws_ecs_cluster",
    "aws_ecs_cluster_capacity_providers",
    "aws_elasticache_subnet_group",
    "aws_flow_log",
    "aws_iam_role",
    "aws_lambda_alias",
    "aws_lambda_function_url",
    "aws_launch_configuration",
    "aws_launch_template",
    "aws_lb_target_group",
    "aws_memorydb_subnet_group",
    "aws_neptune_subnet_group",
    "aws_networkfirewall_firewall_policy",
    "aws_networkfirewall_rule_group",
    "aws_redshift_subnet_group",
    "aws_s3_bucket",
    "aws_sagemaker_user_profile",
    "aws_sqs_queue",
    "aws_vpc_endpoint_policy",
    "aws_vpc_endpoint_service",
];

/// Harmless types that decide what others carry.
const DECIDING: [&str; 8] = [
    "aws_api_gateway_rest_api_put",
    "aws_api_gateway_vpc_link",
    "aws_apprunner_service",
    "aws_autoscaling_traffic_source_attachment",
    "aws_dx_hosted_private_virtual_interface_accepter",
    "aws_dx_private_virtual_interface",
    "aws_elb_attachment",
    "aws_vpn_connection_route",
];

/// What the objects of a type are to the network.
pub fn touches(ty: &str) -> Touches {
    if DECIDING.contains(&ty) {
        Touches::Network
    } else if NAMED.contains(&ty) {
        Touches::ByName
    } else if ty.starts_with("aws_") {
        if is_harmless(ty) { Touches::Nothing } else { Touches::Network }
    } else if is_elsewhere(ty) || ty.starts_with("cloudflare_") && !is_tunnel(ty) {
        Touches::Nothing
    } else {
        Touches::Network
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every harmless type that the extraction knows by name is in one of the tables, so that no
    /// change of it is taken for nothing.
    #[test]
    fn what_is_read_touches_the_network() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/extract");
        for file in std::fs::read_dir(folder).expect("sources").flatten() {
            let text = std::fs::read_to_string(file.path()).expect("a source");
            let quoted = text.split('"').filter(|t| t.starts_with("aws_") && t.len() < 80);
            for ty in quoted.filter(|t| t.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')) {
                assert_ne!(touches(ty), Touches::Nothing, "{ty} in {:?}", file.file_name());
            }
        }
        assert_eq!(touches(concat!("aws_", "iam_policy")), Touches::Nothing);
        assert_eq!(touches("random_id"), Touches::Nothing);
        assert_eq!(touches("somebody_else"), Touches::Network);
    }
}
