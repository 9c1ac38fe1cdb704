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
resource "aws_subnet" "pub2" {
  vpc_id            = aws_vpc.main.id
  cidr_block        = "10.0.2.0/24"
  availability_zone = "eu-west-1b"
  map_public_ip_on_launch = true
}
resource "aws_subnet" "priv" {
  vpc_id            = aws_vpc.main.id
  cidr_block        = "10.0.3.0/24"
  availability_zone = "eu-west-1a"
}
resource "aws_route_table" "pub" {
  vpc_id = aws_vpc.main.id
  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.main.id
  }
}
resource "aws_route_table_association" "pub" {
  subnet_id      = aws_subnet.pub.id
  route_table_id = aws_route_table.pub.id
}
resource "aws_route_table_association" "pub2" {
  subnet_id      = aws_subnet.pub2.id
  route_table_id = aws_route_table.pub.id
}
resource "aws_security_group" "db" {
  name   = "db"
  vpc_id = aws_vpc.main.id
  ingress {
    protocol  = "tcp"
    from_port = 5432
    to_port   = 5432
    security_groups = [aws_eks_cluster.c.vpc_config[0].cluster_security_group_id]
  }
  egress {
    protocol         = "-1"
    from_port        = 0
    to_port          = 0
    cidr_blocks      = ["0.0.0.0/0"]
    ipv6_cidr_blocks = ["::/0"]
  }
}
resource "aws_security_group" "own" {
  name   = "own"
  vpc_id = aws_vpc.main.id
  egress {
    protocol         = "-1"
    from_port        = 0
    to_port          = 0
    cidr_blocks      = ["0.0.0.0/0"]
    ipv6_cidr_blocks = ["::/0"]
  }
}
resource "aws_instance" "db" {
  ami                    = "ami-12345678"
  instance_type          = "t3.micro"
  subnet_id              = aws_subnet.priv.id
  vpc_security_group_ids = [aws_security_group.db.id]
}

resource "aws_eks_cluster" "c" {
  name     = "c"
  role_arn = "arn:aws:iam::123456789012:role/c"
  vpc_config {
    subnet_ids             = [aws_subnet.pub.id, aws_subnet.pub2.id]
    endpoint_public_access = true
    public_access_cidrs    = ["198.51.100.0/24"]
  }
}
resource "aws_eks_cluster" "private" {
  name     = "private"
  role_arn = "arn:aws:iam::123456789012:role/c"
  vpc_config {
    subnet_ids              = [aws_subnet.pub.id, aws_subnet.pub2.id]
    endpoint_public_access  = false
    endpoint_private_access = true
  }
}
resource "aws_eks_node_group" "open" {
  cluster_name  = aws_eks_cluster.c.name
  node_role_arn = "arn:aws:iam::123456789012:role/n"
  subnet_ids    = [aws_subnet.pub.id]
  remote_access {
    ec2_ssh_key = "key"
  }
  scaling_config {
    desired_size = 1
    max_size     = 1
    min_size     = 1
  }
}
resource "aws_eks_node_group" "closed" {
  cluster_name  = aws_eks_cluster.c.name
  node_role_arn = "arn:aws:iam::123456789012:role/n"
  subnet_ids    = [aws_subnet.pub.id]
  scaling_config {
    desired_size = 1
    max_size     = 1
    min_size     = 1
  }
}
resource "aws_launch_template" "own" {
  vpc_security_group_ids = [aws_security_group.own.id]
}
resource "aws_eks_node_group" "own" {
  cluster_name  = aws_eks_cluster.c.name
  node_role_arn = "arn:aws:iam::123456789012:role/n"
  subnet_ids    = [aws_subnet.pub.id]
  launch_template {
    id      = aws_launch_template.own.id
    version = aws_launch_template.own.latest_version
  }
  scaling_config {
    desired_size = 1
    max_size     = 1
    min_size     = 1
  }
}
resource "aws_eks_fargate_profile" "f" {
  cluster_name           = aws_eks_cluster.c.name
  fargate_profile_name   = "f"
  pod_execution_role_arn = "arn:aws:iam::123456789012:role/f"
  subnet_ids             = [aws_subnet.priv.id]
  selector {
    namespace = "default"
  }
}
