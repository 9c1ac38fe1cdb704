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
resource "aws_subnet" "a" {
  vpc_id            = aws_vpc.main.id
  cidr_block        = "10.0.1.0/24"
  availability_zone = "eu-west-1a"
}
resource "aws_subnet" "b" {
  vpc_id            = aws_vpc.main.id
  cidr_block        = "10.0.2.0/24"
  availability_zone = "eu-west-1b"
}
resource "aws_subnet" "c" {
  vpc_id            = aws_vpc.main.id
  cidr_block        = "10.0.3.0/24"
  availability_zone = "eu-west-1a"
}
resource "aws_subnet" "d" {
  vpc_id            = aws_vpc.main.id
  cidr_block        = "10.0.4.0/24"
  availability_zone = "eu-west-1b"
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
resource "aws_security_group" "open" {
  name   = "open"
  vpc_id = aws_vpc.main.id
  ingress {
    protocol  = "tcp"
    from_port = 0
    to_port   = 65535
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
resource "aws_security_group" "closed" {
  name   = "closed"
  vpc_id = aws_vpc.main.id
  egress {
    protocol         = "-1"
    from_port        = 0
    to_port          = 0
    cidr_blocks      = ["0.0.0.0/0"]
    ipv6_cidr_blocks = ["::/0"]
  }
}

resource "aws_redshift_subnet_group" "p" {
  name       = "p"
  subnet_ids = [aws_subnet.a.id, aws_subnet.b.id]
}
resource "aws_redshift_subnet_group" "q" {
  name       = "q"
  subnet_ids = [aws_subnet.c.id, aws_subnet.d.id]
}
# Of version 5 of the provider: public unless it says otherwise.
resource "aws_redshift_cluster" "default" {
  cluster_identifier        = "default"
  node_type                 = "ra3.xlplus"
  cluster_type              = "single-node"
  master_username           = "admin"
  master_password           = "Secret-12345"
  cluster_subnet_group_name = aws_redshift_subnet_group.p.name
  vpc_security_group_ids    = [aws_security_group.open.id]
  skip_final_snapshot       = true
}
resource "aws_redshift_cluster" "inner" {
  cluster_identifier        = "inner"
  node_type                 = "ra3.xlplus"
  cluster_type              = "single-node"
  master_username           = "admin"
  master_password           = "Secret-12345"
  cluster_subnet_group_name = aws_redshift_subnet_group.q.name
  vpc_security_group_ids    = [aws_security_group.open.id]
  publicly_accessible       = false
  skip_final_snapshot       = true
}
resource "aws_mq_broker" "public" {
  broker_name         = "public"
  engine_type         = "RabbitMQ"
  engine_version      = "3.13"
  host_instance_type  = "mq.m5.large"
  publicly_accessible = true
  subnet_ids          = [aws_subnet.a.id]
  user {
    username = "someone"
    password = "secret-123456"
  }
}
resource "aws_opensearch_domain" "public" {
  domain_name = "public"
  ebs_options {
    ebs_enabled = true
    volume_size = 10
  }
}
resource "aws_msk_cluster" "public" {
  cluster_name           = "public"
  kafka_version          = "3.5.1"
  number_of_broker_nodes = 2
  broker_node_group_info {
    instance_type   = "kafka.m5.large"
    client_subnets  = [aws_subnet.a.id, aws_subnet.b.id]
    security_groups = [aws_security_group.open.id]
    connectivity_info {
      public_access {
        type = "SERVICE_PROVIDED_EIPS"
      }
    }
  }
}
resource "aws_msk_cluster" "inner" {
  cluster_name           = "inner"
  kafka_version          = "3.5.1"
  number_of_broker_nodes = 2
  broker_node_group_info {
    instance_type   = "kafka.m5.large"
    client_subnets  = [aws_subnet.a.id, aws_subnet.b.id]
    security_groups = [aws_security_group.open.id]
  }
}
resource "aws_transfer_server" "plain" {}
resource "aws_eip" "t" {
  domain = "vpc"
}
resource "aws_transfer_server" "vpc" {
  endpoint_type = "VPC"
  endpoint_details {
    vpc_id                 = aws_vpc.main.id
    subnet_ids             = [aws_subnet.a.id]
    address_allocation_ids = [aws_eip.t.id]
    security_group_ids     = [aws_security_group.open.id]
  }
}
resource "aws_transfer_server" "inner" {
  endpoint_type = "VPC"
  endpoint_details {
    vpc_id             = aws_vpc.main.id
    subnet_ids         = [aws_subnet.a.id]
    security_group_ids = [aws_security_group.open.id]
  }
}
resource "aws_db_subnet_group" "p" {
  name       = "p"
  subnet_ids = [aws_subnet.a.id, aws_subnet.b.id]
}
resource "aws_rds_cluster" "aurora" {
  cluster_identifier     = "aurora"
  engine                 = "aurora-postgresql"
  master_username        = "someone"
  master_password        = "secret-12345"
  db_subnet_group_name   = aws_db_subnet_group.p.name
  vpc_security_group_ids = [aws_security_group.open.id]
  skip_final_snapshot    = true
}
resource "aws_rds_cluster_instance" "public" {
  cluster_identifier  = aws_rds_cluster.aurora.id
  engine              = "aurora-postgresql"
  instance_class      = "db.r6g.large"
  publicly_accessible = true
}
resource "aws_rds_cluster_instance" "inner" {
  cluster_identifier = aws_rds_cluster.aurora.id
  engine             = "aurora-postgresql"
  instance_class     = "db.r6g.large"
}
resource "aws_docdb_subnet_group" "p" {
  name       = "docdb"
  subnet_ids = [aws_subnet.a.id, aws_subnet.b.id]
}
resource "aws_docdb_cluster" "d" {
  cluster_identifier     = "d"
  master_username        = "someone"
  master_password        = "secret-12345"
  db_subnet_group_name   = aws_docdb_subnet_group.p.name
  vpc_security_group_ids = [aws_security_group.open.id]
  skip_final_snapshot    = true
}
resource "aws_elasticache_subnet_group" "p" {
  name       = "p"
  subnet_ids = [aws_subnet.a.id]
}
resource "aws_elasticache_cluster" "c" {
  cluster_id         = "c"
  engine             = "redis"
  node_type          = "cache.t3.micro"
  num_cache_nodes    = 1
  subnet_group_name  = aws_elasticache_subnet_group.p.name
  security_group_ids = [aws_security_group.open.id]
}
resource "aws_batch_compute_environment" "f" {
  compute_environment_name = "f"
  type                     = "MANAGED"
  service_role             = "arn:aws:iam::123456789012:role/batch"
  compute_resources {
    type               = "FARGATE"
    max_vcpus          = 4
    subnets            = [aws_subnet.a.id]
    security_group_ids = [aws_security_group.closed.id]
  }
}
resource "aws_workspaces_directory" "w" {
  directory_id = aws_directory_service_directory.d.id
  subnet_ids   = [aws_subnet.a.id, aws_subnet.b.id]
  workspace_creation_properties {
    enable_internet_access = true
  }
}
resource "aws_directory_service_directory" "d" {
  name     = "corp.example.com"
  password = "Secret-12345"
  size     = "Small"
  vpc_settings {
    vpc_id     = aws_vpc.main.id
    subnet_ids = [aws_subnet.a.id, aws_subnet.b.id]
  }
}
