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
resource "aws_internet_gateway" "main" {
  vpc_id = aws_vpc.main.id
}
resource "aws_subnet" "pub" {
  vpc_id            = aws_vpc.main.id
  cidr_block        = "10.0.1.0/24"
  availability_zone = "eu-west-1a"
  map_public_ip_on_launch = true
}
resource "aws_subnet" "plain" {
  vpc_id            = aws_vpc.main.id
  cidr_block        = "10.0.2.0/24"
  availability_zone = "eu-west-1a"
}
resource "aws_subnet" "priv" {
  vpc_id            = aws_vpc.main.id
  cidr_block        = "10.0.3.0/24"
  availability_zone = "eu-west-1a"
  map_public_ip_on_launch = true
}
resource "aws_route_table" "p" {
  vpc_id = aws_vpc.main.id
  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.main.id
  }
}
resource "aws_route_table_association" "pub" {
  subnet_id      = aws_subnet.pub.id
  route_table_id = aws_route_table.p.id
}
resource "aws_route_table_association" "plain" {
  subnet_id      = aws_subnet.plain.id
  route_table_id = aws_route_table.p.id
}
resource "aws_security_group" "web" {
  name   = "web"
  vpc_id = aws_vpc.main.id
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
  vpc_id = aws_vpc.main.id
  egress {
    protocol         = "-1"
    from_port        = 0
    to_port          = 0
    cidr_blocks      = ["0.0.0.0/0"]
    ipv6_cidr_blocks = ["::/0"]
  }
}

resource "aws_launch_template" "plain" {
  image_id               = "ami-12345678"
  instance_type          = "t3.micro"
  vpc_security_group_ids = [aws_security_group.web.id]
}
resource "aws_launch_template" "public" {
  image_id      = "ami-12345678"
  instance_type = "t3.micro"
  network_interfaces {
    associate_public_ip_address = true
    security_groups             = [aws_security_group.web.id]
  }
}
resource "aws_launch_template" "private" {
  image_id      = "ami-12345678"
  instance_type = "t3.micro"
  network_interfaces {
    associate_public_ip_address = "false"
    security_groups             = [aws_security_group.web.id]
  }
}
resource "aws_launch_template" "closed" {
  image_id               = "ami-12345678"
  instance_type          = "t3.micro"
  vpc_security_group_ids = [aws_security_group.none.id]
}
resource "aws_autoscaling_group" "subnet" {
  min_size            = 1
  max_size            = 2
  vpc_zone_identifier = [aws_subnet.pub.id]
  launch_template {
    id      = aws_launch_template.plain.id
    version = "$Latest"
  }
}
resource "aws_autoscaling_group" "public" {
  min_size            = 1
  max_size            = 2
  vpc_zone_identifier = [aws_subnet.plain.id]
  launch_template {
    name    = aws_launch_template.public.name
    version = aws_launch_template.public.latest_version
  }
}
resource "aws_autoscaling_group" "private" {
  min_size            = 1
  max_size            = 2
  vpc_zone_identifier = [aws_subnet.pub.id]
  launch_template {
    id = aws_launch_template.private.id
  }
}
resource "aws_autoscaling_group" "mixed" {
  min_size            = 1
  max_size            = 4
  vpc_zone_identifier = [aws_subnet.plain.id]
  mixed_instances_policy {
    launch_template {
      launch_template_specification {
        launch_template_id = aws_launch_template.closed.id
      }
      override {
        instance_type = "t3.small"
      }
      override {
        instance_type = "t4g.small"
        launch_template_specification {
          launch_template_id = aws_launch_template.public.id
        }
      }
    }
  }
}
resource "aws_spot_fleet_request" "fleet" {
  iam_fleet_role  = "arn:aws:iam::123456789012:role/fleet"
  target_capacity = 1
  launch_template_config {
    launch_template_specification {
      id      = aws_launch_template.plain.id
      version = aws_launch_template.plain.latest_version
    }
    overrides {
      subnet_id = aws_subnet.plain.id
    }
    overrides {
      subnet_id = aws_subnet.pub.id
    }
  }
}
resource "aws_instance" "template" {
  subnet_id = aws_subnet.plain.id
  launch_template {
    id = aws_launch_template.public.id
  }
}
resource "aws_instance" "over" {
  subnet_id                   = aws_subnet.plain.id
  associate_public_ip_address = false
  vpc_security_group_ids      = [aws_security_group.none.id]
  launch_template {
    id = aws_launch_template.public.id
  }
}
resource "aws_network_interface" "second" {
  subnet_id       = aws_subnet.pub.id
  security_groups = [aws_security_group.none.id]
  attachment {
    instance     = aws_instance.closed.id
    device_index = 1
  }
}
resource "aws_eip" "second" {
  domain            = "vpc"
  network_interface = aws_network_interface.second.id
}
resource "aws_network_interface_sg_attachment" "second" {
  security_group_id    = aws_security_group.web.id
  network_interface_id = aws_network_interface.second.id
}
resource "aws_instance" "closed" {
  ami                    = "ami-12345678"
  instance_type          = "t3.micro"
  subnet_id              = aws_subnet.priv.id
  vpc_security_group_ids = [aws_security_group.none.id]
}
resource "aws_instance" "later" {
  ami                    = "ami-12345678"
  instance_type          = "t3.micro"
  subnet_id              = aws_subnet.pub.id
  vpc_security_group_ids = [aws_security_group.none.id]
}
resource "aws_network_interface_sg_attachment" "later" {
  security_group_id    = aws_security_group.web.id
  network_interface_id = aws_instance.later.primary_network_interface_id
}
