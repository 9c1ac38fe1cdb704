variable "name" {}
variable "net" {}
variable "sources" {}
variable "ports" {}
resource "aws_security_group" "this" {
  name_prefix = var.name
  vpc_id      = var.net.vpc
  dynamic "ingress" {
    for_each = var.ports
    content {
      protocol        = "tcp"
      from_port       = ingress.value
      to_port         = ingress.value
      cidr_blocks     = compact([lookup(var.sources, "cidr", "")])
      security_groups = compact([lookup(var.sources, "group", "")])
    }
  }
  egress {
    protocol    = "-1"
    from_port   = 0
    to_port     = 0
    cidr_blocks = ["0.0.0.0/0"]
  }
}
resource "aws_instance" "this" {
  count                  = 2
  ami                    = "ami-12345678"
  instance_type          = "t3.micro"
  subnet_id              = element(var.net.subnets, count.index)
  vpc_security_group_ids = aws_security_group.this[*].id
}
output "group" {
  value = aws_security_group.this.id
}
output "address" {
  value = aws_instance.this[0].private_ip
}
