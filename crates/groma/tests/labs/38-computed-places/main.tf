terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "5.100.0" }
  }
}
provider "aws" {
  region = "eu-west-1"
}
resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}
resource "aws_vpc" "other" {
  cidr_block = "10.1.0.0/16"
}
resource "aws_internet_gateway" "main" {
  vpc_id = aws_vpc.main.id
}
resource "aws_subnet" "a" {
  vpc_id            = aws_vpc.main.id
  cidr_block        = "10.0.1.0/24"
  availability_zone = "eu-west-1a"
  map_public_ip_on_launch = true
}
resource "aws_subnet" "b" {
  vpc_id            = aws_vpc.main.id
  cidr_block        = "10.0.2.0/24"
  availability_zone = "eu-west-1b"
  map_public_ip_on_launch = true
}
resource "aws_route_table" "p" {
  vpc_id = aws_vpc.main.id
  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.main.id
  }
}
resource "aws_route_table_association" "a" {
  subnet_id      = aws_subnet.a.id
  route_table_id = aws_route_table.p.id
}
resource "aws_route_table_association" "b" {
  subnet_id      = aws_subnet.b.id
  route_table_id = aws_route_table.p.id
}
resource "aws_security_group" "lb" {
  name   = "lb"
  vpc_id = aws_vpc.main.id
  ingress {
    protocol  = "tcp"
    from_port = 80
    to_port   = 80
    cidr_blocks = ["0.0.0.0/0"]
  }
  egress {
    protocol         = "-1"
    from_port        = 0
    to_port          = 0
    cidr_blocks      = ["0.0.0.0/0"]
    ipv6_cidr_blocks = ["::/0"]
  }
}

resource "aws_lb" "lb" {
  name            = "lb"
  subnets         = [aws_subnet.a.id, aws_subnet.b.id]
  security_groups = [aws_security_group.lb.id]
}
resource "aws_db_subnet_group" "d" {
  name       = "d"
  subnet_ids = [aws_subnet.a.id, aws_subnet.b.id]
}
resource "aws_eks_cluster" "c" {
  name     = "c"
  role_arn = "arn:aws:iam::123456789012:role/c"
  vpc_config {
    subnet_ids = [aws_subnet.a.id, aws_subnet.b.id]
  }
}
locals {
  places = {
    lb      = aws_lb.lb.vpc_id
    groups  = aws_db_subnet_group.d.vpc_id
    cluster = aws_eks_cluster.c.vpc_config[0].vpc_id
    subnet  = aws_subnet.a.vpc_id
    gateway = aws_internet_gateway.main.vpc_id
    sg      = aws_security_group.lb.vpc_id
  }
}
resource "aws_security_group" "web" {
  for_each = local.places
  name     = "web-${each.key}"
  vpc_id   = each.value
  ingress {
    protocol        = "tcp"
    from_port       = 80
    to_port         = 80
    security_groups = [aws_security_group.lb.id]
  }
}
resource "aws_subnet" "s" {
  for_each          = local.places
  vpc_id            = each.value
  cidr_block        = cidrsubnet("10.0.128.0/17", 7, index(keys(local.places), each.key))
  availability_zone = "eu-west-1a"
}
resource "aws_instance" "web" {
  for_each               = local.places
  ami                    = "ami-12345678"
  instance_type          = "t3.micro"
  subnet_id              = aws_subnet.s[each.key].id
  vpc_security_group_ids = [aws_security_group.web[each.key].id]
}
resource "aws_instance" "client" {
  ami                    = "ami-12345678"
  instance_type          = "t3.micro"
  subnet_id              = aws_subnet.a.id
  vpc_security_group_ids = [aws_security_group.lb.id]
}
resource "aws_elb" "classic" {
  name            = "classic"
  subnets         = [aws_subnet.a.id]
  security_groups = [aws_security_group.lb.id]
  instances       = [aws_instance.behind.id]
  listener {
    instance_port     = 8080
    instance_protocol = "http"
    lb_port           = 80
    lb_protocol       = "http"
  }
}
resource "aws_security_group" "behind" {
  name   = "behind"
  vpc_id = aws_vpc.main.id
}
resource "aws_vpc_security_group_ingress_rule" "behind" {
  security_group_id            = aws_security_group.behind.id
  ip_protocol                  = "tcp"
  from_port                    = 8080
  to_port                      = 8080
  referenced_security_group_id = aws_elb.classic.source_security_group_id
}
resource "aws_instance" "behind" {
  ami                    = "ami-12345678"
  instance_type          = "t3.micro"
  subnet_id              = aws_subnet.b.id
  vpc_security_group_ids = [aws_security_group.behind.id]
}
resource "aws_network_interface_sg_attachment" "x" {
  security_group_id    = aws_security_group.lb.id
  network_interface_id = aws_instance.plain.primary_network_interface_id
}
resource "aws_instance" "plain" {
  ami           = "ami-12345678"
  instance_type = "t3.micro"
  subnet_id     = aws_instance.client.subnet_id
}
resource "aws_instance" "like" {
  ami                    = "ami-12345678"
  instance_type          = "t3.micro"
  subnet_id              = aws_instance.client.subnet_id
  vpc_security_group_ids = aws_instance.plain.vpc_security_group_ids
}
