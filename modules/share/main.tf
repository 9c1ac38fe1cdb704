# Resources of this account that other accounts may use.

resource "aws_ram_resource_share" "this" {
  name                      = var.name
  allow_external_principals = var.external

  tags = merge(var.tags, { Name = var.name })
}

resource "aws_ram_resource_association" "this" {
  for_each = var.resource_arns

  resource_share_arn = aws_ram_resource_share.this.arn
  resource_arn       = each.value
}

resource "aws_ram_principal_association" "this" {
  for_each = var.principals

  resource_share_arn = aws_ram_resource_share.this.arn
  principal          = each.value
}
