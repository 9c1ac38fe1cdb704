terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "5.100.0" }
  }
}
provider "aws" {
  region = "eu-west-1"
}
# As many write it who have a default VPC: neither a VPC nor subnets are named.
resource "aws_security_group" "ssh" {
  name = "ssh"
  ingress {
    protocol    = "tcp"
    from_port   = 22
    to_port     = 22
    cidr_blocks = ["0.0.0.0/0"]
  }
  egress {
    protocol    = "-1"
    from_port   = 0
    to_port     = 0
    cidr_blocks = ["0.0.0.0/0"]
  }
}
resource "aws_security_group" "db" {
  name   = "db"
  ingress {
    protocol        = "tcp"
    from_port       = 3306
    to_port         = 3306
    security_groups = [aws_security_group.ssh.id]
  }
}
resource "aws_instance" "plain" {
  ami           = "ami-12345678"
  instance_type = "t2.micro"
}
resource "aws_instance" "byname" {
  ami             = "ami-12345678"
  instance_type   = "t2.micro"
  security_groups = [aws_security_group.ssh.name]
}
resource "aws_instance" "byid" {
  ami                    = "ami-12345678"
  instance_type          = "t2.micro"
  vpc_security_group_ids = [aws_security_group.ssh.id]
}
resource "aws_db_instance" "db" {
  identifier             = "db"
  engine                 = "mysql"
  instance_class         = "db.t3.micro"
  allocated_storage      = 10
  username               = "admin"
  password               = "secret-12345"
  publicly_accessible    = true
  skip_final_snapshot    = true
  vpc_security_group_ids = [aws_security_group.db.id]
}
