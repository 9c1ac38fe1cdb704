terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "5.100.0" }
  }
}
provider "aws" {
  region = "eu-west-1"
}
# Three VPCs that nothing joins: data, clients, and one with a client of its own.
resource "aws_vpc" "data" {
  cidr_block = "10.0.0.0/16"
}
resource "aws_vpc" "client" {
  cidr_block = "10.1.0.0/16"
}
resource "aws_subnet" "data" {
  for_each          = { a = "10.0.1.0/24", b = "10.0.2.0/24" }
  vpc_id            = aws_vpc.data.id
  cidr_block        = each.value
  availability_zone = "eu-west-1${each.key}"
}
resource "aws_subnet" "client" {
  vpc_id            = aws_vpc.client.id
  cidr_block        = "10.1.1.0/24"
  availability_zone = "eu-west-1a"
}

resource "aws_security_group" "data" {
  name   = "data"
  vpc_id = aws_vpc.data.id
  ingress {
    protocol    = "-1"
    from_port   = 0
    to_port     = 0
    cidr_blocks = ["10.0.0.0/16"]
  }
  egress {
    protocol    = "-1"
    from_port   = 0
    to_port     = 0
    cidr_blocks = ["0.0.0.0/0"]
  }
}
resource "aws_security_group" "endpoint" {
  name   = "endpoint"
  vpc_id = aws_vpc.client.id
  ingress {
    protocol    = "tcp"
    from_port   = 0
    to_port     = 65535
    cidr_blocks = ["10.1.0.0/16"]
  }
}
resource "aws_security_group" "closed" {
  name   = "closed"
  vpc_id = aws_vpc.client.id
}
resource "aws_security_group" "app" {
  name   = "app"
  vpc_id = aws_vpc.client.id
  egress {
    protocol    = "-1"
    from_port   = 0
    to_port     = 0
    cidr_blocks = ["0.0.0.0/0"]
  }
}
resource "aws_instance" "app" {
  ami                    = "ami-12345678"
  instance_type          = "t3.micro"
  subnet_id              = aws_subnet.client.id
  vpc_security_group_ids = [aws_security_group.app.id]
}

resource "aws_opensearch_domain" "search" {
  domain_name    = "search"
  engine_version = "OpenSearch_2.11"
  vpc_options {
    subnet_ids         = [aws_subnet.data["a"].id]
    security_group_ids = [aws_security_group.data.id]
  }
  ebs_options {
    ebs_enabled = true
    volume_size = 10
  }
}
resource "aws_opensearch_vpc_endpoint" "search" {
  domain_arn = aws_opensearch_domain.search.arn
  vpc_options {
    subnet_ids         = [aws_subnet.client.id]
    security_group_ids = [aws_security_group.endpoint.id]
  }
}
resource "aws_opensearch_domain" "other" {
  domain_name    = "other"
  engine_version = "OpenSearch_2.11"
  vpc_options {
    subnet_ids         = [aws_subnet.data["a"].id]
    security_group_ids = [aws_security_group.data.id]
  }
  ebs_options {
    ebs_enabled = true
    volume_size = 10
  }
}
resource "aws_opensearch_vpc_endpoint" "closed" {
  domain_arn = aws_opensearch_domain.other.arn
  vpc_options {
    subnet_ids         = [aws_subnet.client.id]
    security_group_ids = [aws_security_group.closed.id]
  }
}

resource "aws_redshift_subnet_group" "data" {
  name       = "data"
  subnet_ids = [for s in aws_subnet.data : s.id]
}
resource "aws_redshift_subnet_group" "client" {
  name       = "client"
  subnet_ids = [aws_subnet.client.id]
}
resource "aws_redshift_cluster" "dw" {
  cluster_identifier        = "dw"
  node_type                 = "ra3.xlplus"
  cluster_type              = "single-node"
  master_username           = "admin"
  master_password           = "Secret-12345"
  cluster_subnet_group_name = aws_redshift_subnet_group.data.name
  vpc_security_group_ids    = [aws_security_group.data.id]
  publicly_accessible       = false
  skip_final_snapshot       = true
}
resource "aws_redshift_endpoint_access" "dw" {
  endpoint_name          = "dw"
  cluster_identifier     = aws_redshift_cluster.dw.cluster_identifier
  subnet_group_name      = aws_redshift_subnet_group.client.name
  vpc_security_group_ids = [aws_security_group.endpoint.id]
}

resource "aws_redshiftserverless_namespace" "n" {
  namespace_name = "n"
}
resource "aws_redshiftserverless_workgroup" "w" {
  namespace_name     = aws_redshiftserverless_namespace.n.namespace_name
  workgroup_name     = "w"
  subnet_ids         = [for s in aws_subnet.data : s.id]
  security_group_ids = [aws_security_group.data.id]
}
resource "aws_redshiftserverless_endpoint_access" "w" {
  endpoint_name          = "w"
  workgroup_name         = aws_redshiftserverless_workgroup.w.workgroup_name
  subnet_ids             = [aws_subnet.client.id]
  vpc_security_group_ids = [aws_security_group.endpoint.id]
}

resource "aws_msk_cluster" "k" {
  cluster_name           = "k"
  kafka_version          = "3.5.1"
  number_of_broker_nodes = 2
  broker_node_group_info {
    instance_type   = "kafka.m5.large"
    client_subnets  = [for s in aws_subnet.data : s.id]
    security_groups = [aws_security_group.data.id]
  }
}
resource "aws_msk_vpc_connection" "k" {
  authentication     = "SASL_IAM"
  target_cluster_arn = aws_msk_cluster.k.arn
  vpc_id             = aws_vpc.client.id
  client_subnets     = [aws_subnet.client.id]
  security_groups    = [aws_security_group.endpoint.id]
}
