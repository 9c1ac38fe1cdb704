terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "5.100.0" }
  }
}
provider "aws" {
  region = "eu-west-1"
}
resource "aws_vpc" "user" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_vpc" "service" {
  cidr_block = "10.1.0.0/16"
}

resource "aws_subnet" "user" {
  vpc_id            = aws_vpc.user.id
  cidr_block        = "10.0.1.0/24"
  availability_zone = "eu-west-1a"
}

resource "aws_subnet" "service" {
  vpc_id            = aws_vpc.service.id
  cidr_block        = "10.1.1.0/24"
  availability_zone = "eu-west-1a"
}

resource "aws_security_group" "user" {
  name   = "user"
  vpc_id = aws_vpc.user.id
  egress {
    protocol    = "-1"
    from_port   = 0
    to_port     = 0
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_security_group" "endpoint" {
  name   = "endpoint"
  vpc_id = aws_vpc.user.id
  ingress {
    protocol  = "tcp"
    from_port = 443
    to_port   = 443
    cidr_blocks = ["10.0.0.0/16"]
  }
  egress {
    protocol    = "-1"
    from_port   = 0
    to_port     = 0
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_security_group" "web" {
  name   = "web"
  vpc_id = aws_vpc.service.id
  ingress {
    protocol  = "tcp"
    from_port = 8443
    to_port   = 8443
    cidr_blocks = ["10.1.0.0/16"]
  }
  egress {
    protocol    = "-1"
    from_port   = 0
    to_port     = 0
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_security_group" "nlb" {
  name   = "nlb"
  vpc_id = aws_vpc.service.id
  ingress {
    protocol  = "tcp"
    from_port = 443
    to_port   = 443
    cidr_blocks = ["10.1.0.0/16"]
  }
  egress {
    protocol    = "-1"
    from_port   = 0
    to_port     = 0
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_instance" "user" {
  ami                    = "ami-12345678"
  instance_type          = "t3.micro"
  subnet_id              = aws_subnet.user.id
  vpc_security_group_ids = [aws_security_group.user.id]
}

resource "aws_instance" "web" {
  ami                    = "ami-12345678"
  instance_type          = "t3.micro"
  subnet_id              = aws_subnet.service.id
  vpc_security_group_ids = [aws_security_group.web.id]
}

resource "aws_lb" "nlb" {
  name               = "nlb"
  internal           = true
  load_balancer_type = "network"
  subnets            = [aws_subnet.service.id]
  security_groups    = [aws_security_group.nlb.id]
}

resource "aws_lb_target_group" "web" {
  name        = "web"
  port        = 8443
  protocol    = "TCP"
  target_type = "instance"
  vpc_id      = aws_vpc.service.id
}
resource "aws_lb_target_group_attachment" "web" {
  target_group_arn = aws_lb_target_group.web.arn
  target_id        = aws_instance.web.id
}
resource "aws_lb_listener" "web" {
  load_balancer_arn = aws_lb.nlb.arn
  port              = 443
  protocol          = "TCP"
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.web.arn
  }
}

resource "aws_vpc_endpoint_service" "s" {
  acceptance_required        = true
  network_load_balancer_arns = [aws_lb.nlb.arn]
}
resource "aws_vpc_endpoint" "e" {
  vpc_id             = aws_vpc.user.id
  service_name       = aws_vpc_endpoint_service.s.service_name
  vpc_endpoint_type  = "Interface"
  subnet_ids         = [aws_subnet.user.id]
  security_group_ids = [aws_security_group.endpoint.id]
}
resource "aws_vpc_endpoint" "unknown" {
  vpc_id             = aws_vpc.user.id
  service_name       = "com.amazonaws.vpce.eu-west-1.vpce-svc-0123456789abcdef0"
  vpc_endpoint_type  = "Interface"
  subnet_ids         = [aws_subnet.user.id]
  security_group_ids = [aws_security_group.endpoint.id]
}
