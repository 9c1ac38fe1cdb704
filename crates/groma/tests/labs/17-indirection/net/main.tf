variable "cidr" {}
data "aws_availability_zones" "all" {}
resource "aws_vpc" "this" {
  cidr_block = var.cidr
}
resource "aws_internet_gateway" "this" {
  count  = 1
  vpc_id = aws_vpc.this.id
}
resource "aws_subnet" "this" {
  count                   = 2
  vpc_id                  = aws_vpc.this.id
  cidr_block              = cidrsubnet(var.cidr, 8, count.index)
  availability_zone       = data.aws_availability_zones.all.names[count.index]
  map_public_ip_on_launch = true
}
resource "aws_route_table" "this" {
  vpc_id = aws_vpc.this.id
}
resource "aws_route" "this" {
  for_each               = toset(aws_internet_gateway.this[*].vpc_id == null ? [] : ["0.0.0.0/0"])
  route_table_id         = aws_route_table.this.id
  destination_cidr_block = each.value
  gateway_id             = one(aws_internet_gateway.this).id
}
resource "aws_route_table_association" "this" {
  count          = length(aws_subnet.this)
  subnet_id      = aws_subnet.this[count.index].id
  route_table_id = aws_route_table.this.id
}
output "vpc" {
  value = aws_vpc.this.id
}
output "subnets" {
  value = aws_subnet.this[*].id
}
