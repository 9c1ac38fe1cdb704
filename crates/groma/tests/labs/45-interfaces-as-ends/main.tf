terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "5.100.0" }
  }
}
provider "aws" {
  region = "eu-west-1"
}
resource "aws_vpc" "a" {
  cidr_block = "10.0.0.0/16"
}
resource "aws_vpc" "b" {
  cidr_block = "10.0.0.0/16"
}
resource "aws_internet_gateway" "a" {
  vpc_id = aws_vpc.a.id
}
resource "aws_subnet" "a" {
  vpc_id            = aws_vpc.a.id
  cidr_block        = "10.0.1.0/24"
  availability_zone = "eu-west-1a"
}
resource "aws_subnet" "a2" {
  vpc_id            = aws_vpc.a.id
  cidr_block        = "10.0.2.0/24"
  availability_zone = "eu-west-1a"
}
resource "aws_subnet" "b" {
  vpc_id            = aws_vpc.b.id
  cidr_block        = "10.0.1.0/24"
  availability_zone = "eu-west-1a"
}
resource "aws_route_table" "p" {
  vpc_id = aws_vpc.a.id
  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.a.id
  }
}
resource "aws_route_table_association" "a" {
  subnet_id      = aws_subnet.a.id
  route_table_id = aws_route_table.p.id
}
resource "aws_security_group" "web" {
  name   = "web"
  vpc_id = aws_vpc.a.id
  ingress {
    protocol  = "tcp"
    from_port = 443
    to_port   = 443
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
resource "aws_security_group" "none" {
  name   = "none"
  vpc_id = aws_vpc.a.id
  egress {
    protocol         = "-1"
    from_port        = 0
    to_port          = 0
    cidr_blocks      = ["0.0.0.0/0"]
    ipv6_cidr_blocks = ["::/0"]
  }
}
resource "aws_security_group" "b" {
  name   = "b"
  vpc_id = aws_vpc.b.id
  ingress {
    protocol  = "tcp"
    from_port = 8080
    to_port   = 8080
    cidr_blocks = ["10.0.0.0/16"]
  }
  egress {
    protocol         = "-1"
    from_port        = 0
    to_port          = 0
    cidr_blocks      = ["0.0.0.0/0"]
    ipv6_cidr_blocks = ["::/0"]
  }
}
resource "aws_security_group" "lb" {
  name   = "lb"
  vpc_id = aws_vpc.b.id
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

resource "aws_network_interface" "alone" {
  subnet_id       = aws_subnet.a.id
  private_ips     = ["10.0.1.20"]
  security_groups = [aws_security_group.web.id]
}
resource "aws_eip" "alone" {
  domain            = "vpc"
  network_interface = aws_network_interface.alone.id
}
resource "aws_network_interface" "only" {
  subnet_id       = aws_subnet.a2.id
  security_groups = [aws_security_group.web.id]
}
resource "aws_instance" "one" {
  ami           = "ami-12345678"
  instance_type = "t3.micro"
  network_interface {
    network_interface_id = aws_network_interface.only.id
    device_index         = 0
  }
}
resource "aws_network_interface" "second" {
  subnet_id       = aws_subnet.a2.id
  security_groups = [aws_security_group.none.id]
}
resource "aws_network_interface_attachment" "second" {
  instance_id          = aws_instance.one.id
  network_interface_id = aws_network_interface.second.id
  device_index         = 1
}
resource "aws_instance" "a" {
  ami                    = "ami-12345678"
  instance_type          = "t3.micro"
  subnet_id              = aws_subnet.a.id
  private_ip             = "10.0.1.10"
  vpc_security_group_ids = [aws_security_group.none.id]
}
# The same address in another VPC, behind a load balancer of that one.
resource "aws_instance" "b" {
  ami                    = "ami-12345678"
  instance_type          = "t3.micro"
  subnet_id              = aws_subnet.b.id
  private_ip             = "10.0.1.10"
  vpc_security_group_ids = [aws_security_group.b.id]
}
resource "aws_instance" "client" {
  ami                    = "ami-12345678"
  instance_type          = "t3.micro"
  subnet_id              = aws_subnet.b.id
  private_ip             = "10.0.1.30"
  vpc_security_group_ids = [aws_security_group.lb.id]
}
resource "aws_lb" "b" {
  name               = "b"
  internal           = true
  load_balancer_type = "network"
  subnets            = [aws_subnet.b.id]
  security_groups    = [aws_security_group.lb.id]
}
resource "aws_lb_target_group" "b" {
  name        = "b"
  port        = 8080
  protocol    = "TCP"
  target_type = "ip"
  vpc_id      = aws_vpc.b.id
}
resource "aws_lb_target_group_attachment" "b" {
  target_group_arn = aws_lb_target_group.b.arn
  target_id        = "10.0.1.10"
}
resource "aws_lb_listener" "b" {
  load_balancer_arn = aws_lb.b.arn
  port              = 80
  protocol          = "TCP"
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.b.arn
  }
}
