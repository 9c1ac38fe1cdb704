//! What AWS calls its services: by the beginning of a resource type's name.

/// A service.
#[derive(Debug)]
pub(crate) struct Service {
    /// In ARNs.
    pub arn: &'static str,
    /// In error messages: `EC2`, `ELBv2`, ...
    pub label: &'static str,
    /// Whether its objects are in no region.
    pub global: bool,
}

const fn service(arn: &'static str, label: &'static str) -> Service {
    Service { arn, label, global: false }
}

const fn global(arn: &'static str, label: &'static str) -> Service {
    Service { arn, label, global: true }
}

/// The longest beginning that fits decides.
const SERVICES: &[(&str, Service)] = &[
    ("acm", service("acm", "ACM")),
    ("alb", service("elasticloadbalancing", "ELBv2")),
    ("ami", service("ec2", "EC2")),
    ("api_gateway", service("apigateway", "API Gateway")),
    ("apigatewayv2", service("apigateway", "API Gateway v2")),
    ("appautoscaling", service("application-autoscaling", "Application Auto Scaling")),
    ("autoscaling", service("autoscaling", "Auto Scaling")),
    ("backup", service("backup", "Backup")),
    ("budgets", global("budgets", "Budgets")),
    ("cloudfront", global("cloudfront", "CloudFront")),
    ("cloudtrail", service("cloudtrail", "CloudTrail")),
    ("cloudwatch", service("cloudwatch", "CloudWatch")),
    ("cloudwatch_event", service("events", "EventBridge")),
    ("cloudwatch_log", service("logs", "CloudWatch Logs")),
    ("codedeploy", service("codedeploy", "CodeDeploy")),
    ("cognito", service("cognito-idp", "Cognito IDP")),
    ("customer_gateway", service("ec2", "EC2")),
    ("db", service("rds", "RDS")),
    ("default", service("ec2", "EC2")),
    ("dms", service("dms", "DMS")),
    ("dx", service("directconnect", "Direct Connect")),
    ("dynamodb", service("dynamodb", "DynamoDB")),
    ("ebs", service("ec2", "EC2")),
    ("ec2", service("ec2", "EC2")),
    ("ecr", service("ecr", "ECR")),
    ("ecs", service("ecs", "ECS")),
    ("efs", service("elasticfilesystem", "EFS")),
    ("egress_only_internet_gateway", service("ec2", "EC2")),
    ("eip", service("ec2", "EC2")),
    ("eks", service("eks", "EKS")),
    ("elasticache", service("elasticache", "ElastiCache")),
    ("elb", service("elasticloadbalancing", "ELB Classic")),
    ("flow_log", service("ec2", "EC2")),
    ("globalaccelerator", global("globalaccelerator", "Global Accelerator")),
    ("guardduty", service("guardduty", "GuardDuty")),
    ("iam", global("iam", "IAM")),
    ("identitystore", service("identitystore", "IdentityStore")),
    ("instance", service("ec2", "EC2")),
    ("internet_gateway", service("ec2", "EC2")),
    ("key_pair", service("ec2", "EC2")),
    ("kinesis", service("kinesis", "Kinesis")),
    ("kinesis_firehose", service("firehose", "Kinesis Firehose")),
    ("kms", service("kms", "KMS")),
    ("lambda", service("lambda", "Lambda")),
    ("launch_configuration", service("autoscaling", "Auto Scaling")),
    ("launch_template", service("ec2", "EC2")),
    ("lb", service("elasticloadbalancing", "ELBv2")),
    ("main_route_table", service("ec2", "EC2")),
    ("mq", service("mq", "MQ")),
    ("msk", service("kafka", "MSK")),
    ("nat_gateway", service("ec2", "EC2")),
    ("network_acl", service("ec2", "EC2")),
    ("network_interface", service("ec2", "EC2")),
    ("networkfirewall", service("network-firewall", "NetworkFirewall")),
    ("networkmonitor", service("networkmonitor", "CloudWatch Network Monitor")),
    ("organizations", global("organizations", "Organizations")),
    ("placement_group", service("ec2", "EC2")),
    ("ram", service("ram", "RAM")),
    ("rds", service("rds", "RDS")),
    ("route", service("ec2", "EC2")),
    ("route53", global("route53", "Route 53")),
    ("route53_resolver", service("route53resolver", "Route 53 Resolver")),
    ("s3", service("s3", "S3")),
    ("scheduler", service("scheduler", "EventBridge Scheduler")),
    ("secretsmanager", service("secretsmanager", "Secrets Manager")),
    ("security_group", service("ec2", "EC2")),
    ("service_discovery", service("servicediscovery", "Service Discovery")),
    ("ses", service("ses", "SES")),
    ("sesv2", service("ses", "SESv2")),
    ("sfn", service("states", "SFN")),
    ("shield", global("shield", "Shield")),
    ("sns", service("sns", "SNS")),
    ("sqs", service("sqs", "SQS")),
    ("ssm", service("ssm", "SSM")),
    ("ssoadmin", service("sso", "SSO Admin")),
    ("subnet", service("ec2", "EC2")),
    ("volume", service("ec2", "EC2")),
    ("vpc", service("ec2", "EC2")),
    ("vpn", service("ec2", "EC2")),
    ("waf", global("waf", "WAF")),
    ("wafregional", service("waf-regional", "WAF Regional")),
    ("wafv2", service("wafv2", "WAFv2")),
];

static UNKNOWN: Service = service("", "");

/// The service of a resource type, and what comes behind its name in that.
pub(crate) fn of(ty: &str) -> (&'static Service, &str) {
    let name = ty.strip_prefix("aws_").unwrap_or(ty);
    let fits =
        |prefix: &str| name.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('_'));
    let found = SERVICES.iter().filter(|(prefix, _)| fits(prefix)).max_by_key(|(prefix, _)| prefix.len());
    match found {
        Some((prefix, service)) => (service, name[prefix.len()..].trim_start_matches('_')),
        None => (&UNKNOWN, name.split_once('_').map_or(name, |(_, rest)| rest)),
    }
}

/// The service's name in an ARN.
pub(crate) fn arn_name(ty: &str) -> &str {
    match of(ty).0.arn {
        "" => {
            let name = ty.strip_prefix("aws_").unwrap_or(ty);
            name.split_once('_').map_or(name, |(service, _)| service)
        }
        arn => arn,
    }
}

/// What the provider calls an object in messages: `EC2 Subnet`, `IAM Role`.
pub(crate) fn label(ty: &str) -> String {
    let name = ty.strip_prefix("aws_").unwrap_or(ty);
    let (service, rest) = of(ty);
    // The words of EC2 are those of the type itself.
    let words = if rest.is_empty() || service.arn == "ec2" { name.trim_start_matches("ec2_") } else { rest };
    let word = |w: &str| match w {
        "vpc" | "acl" | "eip" | "nat" | "vpn" | "db" | "iam" | "ip" | "kms" | "api" | "oidc" => {
            w.to_uppercase()
        }
        "lb" => "Load Balancer".into(),
        _ => {
            let mut chars = w.chars();
            chars.next().map(|c| c.to_uppercase().collect::<String>() + chars.as_str()).unwrap_or_default()
        }
    };
    let words: Vec<String> = words.split('_').map(word).collect();
    let service = if service.label.is_empty() {
        name.split('_').next().unwrap_or_default().to_uppercase()
    } else {
        service.label.to_owned()
    };
    format!("{service} {}", words.join(" "))
}

/// Whether objects of a type are in no region.
pub(crate) fn is_global(ty: &str) -> bool {
    of(ty).0.global
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        assert_eq!(label("aws_subnet"), "EC2 Subnet");
        assert_eq!(label("aws_ec2_transit_gateway"), "EC2 Transit Gateway");
        assert_eq!(label("aws_iam_role"), "IAM Role");
        assert_eq!(label("aws_lb_target_group"), "ELBv2 Target Group");
        assert_eq!(label("aws_cloudwatch_log_group"), "CloudWatch Logs Group");
        assert_eq!((arn_name("aws_vpc"), arn_name("aws_glue_job")), ("ec2", "glue"));
        assert!(is_global("aws_iam_role") && !is_global("aws_lb"));
    }
}
