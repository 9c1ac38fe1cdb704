terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "5.100.0" }
  }
}
provider "aws" {
  region = "eu-west-1"
}
# Services that have a way to the internet beside their VPC unless it is turned off.
resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}
resource "aws_internet_gateway" "main" {
  vpc_id = aws_vpc.main.id
}
resource "aws_subnet" "private" {
  vpc_id            = aws_vpc.main.id
  cidr_block        = "10.0.1.0/24"
  availability_zone = "eu-west-1a"
}
resource "aws_subnet" "public" {
  for_each          = { a = "10.0.2.0/24", b = "10.0.3.0/24" }
  vpc_id            = aws_vpc.main.id
  cidr_block        = each.value
  availability_zone = "eu-west-1${each.key}"
}
resource "aws_route_table" "public" {
  vpc_id = aws_vpc.main.id
  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.main.id
  }
}
resource "aws_route_table_association" "public" {
  for_each       = aws_subnet.public
  subnet_id      = each.value.id
  route_table_id = aws_route_table.public.id
}
resource "aws_security_group" "main" {
  name   = "main"
  vpc_id = aws_vpc.main.id
  egress {
    protocol    = "-1"
    from_port   = 0
    to_port     = 0
    cidr_blocks = ["0.0.0.0/0"]
  }
}
resource "aws_security_group" "studio" {
  name   = "studio"
  vpc_id = aws_vpc.main.id
}
resource "aws_security_group" "user" {
  name   = "user"
  vpc_id = aws_vpc.main.id
  egress {
    protocol    = "-1"
    from_port   = 0
    to_port     = 0
    cidr_blocks = ["0.0.0.0/0"]
  }
}
resource "aws_security_group" "db" {
  name   = "db"
  vpc_id = aws_vpc.main.id
  ingress {
    protocol        = "tcp"
    from_port       = 5432
    to_port         = 5432
    security_groups = [aws_security_group.user.id]
  }
}
resource "aws_instance" "db" {
  ami                    = "ami-12345678"
  instance_type          = "t3.micro"
  subnet_id              = aws_subnet.private.id
  vpc_security_group_ids = [aws_security_group.db.id]
}
data "aws_iam_policy_document" "assume" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["sagemaker.amazonaws.com", "airflow-env.amazonaws.com", "airflow.amazonaws.com"]
    }
  }
}
resource "aws_iam_role" "r" {
  name               = "r"
  assume_role_policy = data.aws_iam_policy_document.assume.json
}

resource "aws_sagemaker_notebook_instance" "open" {
  name            = "open"
  role_arn        = aws_iam_role.r.arn
  instance_type   = "ml.t2.medium"
  subnet_id       = aws_subnet.private.id
  security_groups = [aws_security_group.main.id]
}
resource "aws_sagemaker_notebook_instance" "closed" {
  name                   = "closed"
  role_arn               = aws_iam_role.r.arn
  instance_type          = "ml.t2.medium"
  subnet_id              = aws_subnet.private.id
  security_groups        = [aws_security_group.main.id]
  direct_internet_access = "Disabled"
}
resource "aws_sagemaker_domain" "open" {
  domain_name = "open"
  auth_mode   = "IAM"
  vpc_id      = aws_vpc.main.id
  subnet_ids  = [aws_subnet.private.id]
  default_user_settings {
    execution_role  = aws_iam_role.r.arn
    security_groups = [aws_security_group.studio.id]
  }
}
resource "aws_sagemaker_domain" "closed" {
  domain_name             = "closed"
  auth_mode               = "IAM"
  vpc_id                  = aws_vpc.main.id
  subnet_ids              = [aws_subnet.private.id]
  app_network_access_type = "VpcOnly"
  default_user_settings {
    execution_role  = aws_iam_role.r.arn
    security_groups = [aws_security_group.studio.id]
  }
}
resource "aws_sagemaker_user_profile" "u" {
  domain_id         = aws_sagemaker_domain.closed.id
  user_profile_name = "u"
  user_settings {
    execution_role  = aws_iam_role.r.arn
    security_groups = [aws_security_group.user.id]
  }
}
resource "aws_appstream_fleet" "open" {
  name                           = "open"
  image_name                     = "Amazon-AppStream2-Sample-Image-03-11-2023"
  instance_type                  = "stream.standard.small"
  enable_default_internet_access = true
  compute_capacity {
    desired_instances = 1
  }
  vpc_config {
    subnet_ids         = [for s in aws_subnet.public : s.id]
    security_group_ids = [aws_security_group.main.id]
  }
}
resource "aws_appstream_fleet" "closed" {
  name          = "closed"
  image_name    = "Amazon-AppStream2-Sample-Image-03-11-2023"
  instance_type = "stream.standard.small"
  compute_capacity {
    desired_instances = 1
  }
  vpc_config {
    subnet_ids         = [for s in aws_subnet.public : s.id]
    security_group_ids = [aws_security_group.main.id]
  }
}
resource "aws_mwaa_environment" "open" {
  name                  = "open"
  dag_s3_path           = "dags/"
  execution_role_arn    = aws_iam_role.r.arn
  source_bucket_arn     = "arn:aws:s3:::dags"
  webserver_access_mode = "PUBLIC_ONLY"
  network_configuration {
    security_group_ids = [aws_security_group.main.id]
    subnet_ids         = [for s in aws_subnet.public : s.id]
  }
}
resource "aws_mwaa_environment" "closed" {
  name               = "closed"
  dag_s3_path        = "dags/"
  execution_role_arn = aws_iam_role.r.arn
  source_bucket_arn  = "arn:aws:s3:::dags"
  network_configuration {
    security_group_ids = [aws_security_group.main.id]
    subnet_ids         = [for s in aws_subnet.public : s.id]
  }
}
