//! Configurations too long to keep as files.

use std::fmt::Write;

/// The text of a configuration with `n` `terraform_data` resources in layers of 100, each resource depending on two
/// of the layer before.
pub fn scale_layers(n: usize) -> String {
    let mut text = String::with_capacity(n * 130);
    for i in 0..n {
        write!(text, "resource \"terraform_data\" \"r{i}\" {{\n  input = \"v{i}\"\n")
            .expect("a string grows");
        if let Some(above) = i.checked_sub(100) {
            let other = (i / 100 - 1) * 100 + (i * 7) % 100;
            writeln!(text, "  triggers_replace = [terraform_data.r{above}.id, terraform_data.r{other}.id]")
                .expect("a string grows");
        }
        text.push_str("}\n\n");
    }
    text
}

/// A configuration of at least `bytes` bytes as people write them: resources with nested
/// blocks and maps, variables with object types, locals with long expressions, here
/// documents, comments. Every third resource is out of the usual format.
///
/// It parses; what it refers to need not exist, so it is for what reads syntax alone.
pub fn hcl_text(bytes: usize) -> String {
    let mut text = String::with_capacity(bytes + 4096);
    let mut i = 0usize;
    while text.len() < bytes {
        hcl_group(&mut text, i).expect("a string grows");
        i += 1;
    }
    text
}

fn hcl_group(text: &mut String, i: usize) -> std::fmt::Result {
    write!(
        text,
        r#"# Service {i}: what it is, who runs it, and why it is as it is.
# Ticket OPS-{i} tells more.
variable "service_{i}" {{
  description = "Settings of service {i}, with what is not said taken from the defaults."
  type = object({{
    name     = string
    ports    = optional(list(number), [80, 443, {port}])
    tags     = optional(map(string), {{}})
    replicas = optional(number, {few})
  }})
  default = {{
    name = "service-{i}"
    tags = {{ Team = "team-{few}", "cost:center" = "{port}" }}
  }}

  validation {{
    condition     = length(var.service_{i}.name) > 3 && can(regex("^[a-z][a-z0-9-]+$", var.service_{i}.name))
    error_message = "The name of service {i} must have more than three letters, not ${{var.service_{i}.name}}."
  }}
}}

locals {{
  subnets_{i} = {{
    for index, zone in slice(data.aws_availability_zones.available.names, 0, {few}) : zone => {{
      public  = cidrsubnet(var.cidr, 8, index)
      private = cidrsubnet(var.cidr, 8, index + {few} * 4)
    }} if !contains(var.skipped_zones, zone)
  }}
  enabled_{i} = var.create && (var.service_{i}.replicas > 0 || var.force) ? toset([for p in var.service_{i}.ports : tostring(p)]) : toset([])
  names_{i}   = join("-", compact([var.prefix, var.service_{i}.name, terraform.workspace == "default" ? "" : terraform.workspace]))
}}

"#,
        port = 1024 + i % 40_000,
        few = 1 + i % 5,
    )?;
    // One in three has another layout than the formatter gives.
    let (indent, wide) = if i.is_multiple_of(3) { ("    ", " =  ") } else { ("  ", " = ") };
    write!(
        text,
        r#"resource "aws_security_group" "service_{i}" {{
{indent}name_prefix{wide}"${{local.names_{i}}}-"
{indent}vpc_id{wide}module.network.vpc_id

  dynamic "ingress" {{
    for_each = local.enabled_{i}
    iterator = port
    content {{
      from_port   = tonumber(port.value)
      to_port     = tonumber(port.value) # the same
      protocol    = "tcp"
      cidr_blocks = [for s in local.subnets_{i} : s.private]
    }}
  }}

  tags = merge(local.tags, var.service_{i}.tags, {{
    Name        = "${{local.names_{i}}}-sg"
    Environment = upper(var.environment)
    Index       = "{i}"
  }})

  lifecycle {{
    create_before_destroy = true
    ignore_changes        = [description, tags["Revision"]]
  }}
}}

/* The instance: its user data is
   long on purpose. */
resource "aws_instance" "service_{i}" {{
  count                  = var.service_{i}.replicas
  ami                    = data.aws_ami.ubuntu.id
  instance_type          = lookup(var.instance_types, "service_{i}", "t3.micro")
  subnet_id              = values(local.subnets_{i})[count.index % length(local.subnets_{i})].private
  vpc_security_group_ids = concat([aws_security_group.service_{i}.id], var.extra_groups[*])

  user_data = <<-EOT
    #!/bin/bash
    set -euo pipefail
    # ${{local.names_{i}}} on ${{count.index}}
    cat > /etc/service.env <<CONF
    NAME=${{var.service_{i}.name}}
    PORTS=${{join(",", var.service_{i}.ports)}}
    %{{ for key, value in var.service_{i}.tags ~}}
    TAG_${{upper(key)}}=${{value}}
    %{{ endfor ~}}
    CONF
    systemctl restart service-{i}.service || journalctl -u service-{i} --no-pager | tail -n 50
  EOT

  root_block_device {{
    volume_size = 20 + {i} % 100
    volume_type = "gp3"
    encrypted   = true
  }}

  policy = jsonencode({{
    Version = "2012-10-17"
    Statement = [{{
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:ListBucket", "sqs:ReceiveMessage"]
      Resource = ["${{aws_s3_bucket.data.arn}}/service-{i}/*", aws_s3_bucket.data.arn]
    }}]
  }})
}}

output "service_{i}" {{
  description = "Addresses of service {i}"
  value       = {{ for x in aws_instance.service_{i} : x.id => "http://${{x.private_ip}}:${{var.service_{i}.ports[0]}}/" }}
}}

"#
    )
}

#[cfg(test)]
mod tests {
    #[test]
    fn layers_depend_on_the_layer_before_only() {
        let text = super::scale_layers(201);
        let block = "resource \"terraform_data\" \"r200\" {\n  input = \"v200\"\n  \
                     triggers_replace = [terraform_data.r100.id, terraform_data.r100.id]\n}\n\n";
        assert!(text.ends_with(block));
        assert_eq!(text.matches("triggers_replace").count(), 101);
    }
}
