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
resource "aws_subnet" "a" {
  vpc_id            = aws_vpc.main.id
  cidr_block        = "10.0.1.0/24"
  availability_zone = "eu-west-1a"
}
resource "aws_security_group" "task" {
  name   = "task"
  vpc_id = aws_vpc.main.id
  egress {
    protocol         = "-1"
    from_port        = 0
    to_port          = 0
    cidr_blocks      = ["0.0.0.0/0"]
    ipv6_cidr_blocks = ["::/0"]
  }
}
resource "aws_security_group" "other" {
  name   = "other"
  vpc_id = aws_vpc.main.id
  egress {
    protocol         = "-1"
    from_port        = 0
    to_port          = 0
    cidr_blocks      = ["0.0.0.0/0"]
    ipv6_cidr_blocks = ["::/0"]
  }
}
resource "aws_security_group" "db" {
  name   = "db"
  vpc_id = aws_vpc.main.id
  ingress {
    protocol  = "tcp"
    from_port = 5432
    to_port   = 5432
    security_groups = [aws_security_group.task.id]
  }
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
  subnet_id              = aws_subnet.a.id
  vpc_security_group_ids = [aws_security_group.db.id]
}

resource "aws_ecs_cluster" "c" {
  name = "c"
}
resource "aws_sfn_state_machine" "m" {
  name     = "m"
  role_arn = "arn:aws:iam::123456789012:role/m"
  definition = jsonencode({
    StartAt = "Run"
    States = {
      Run = {
        Type     = "Task"
        Resource = "arn:aws:states:::ecs:runTask.sync"
        End      = true
        Parameters = {
          LaunchType     = "FARGATE"
          Cluster        = aws_ecs_cluster.c.arn
          TaskDefinition = "t"
          NetworkConfiguration = {
            AwsvpcConfiguration = {
              Subnets        = [aws_subnet.a.id]
              SecurityGroups = [aws_security_group.task.id]
              AssignPublicIp = "DISABLED"
            }
          }
        }
      }
    }
  })
}
resource "aws_sfn_state_machine" "none" {
  name     = "none"
  role_arn = "arn:aws:iam::123456789012:role/m"
  definition = jsonencode({
    StartAt = "Wait"
    States  = { Wait = { Type = "Wait", Seconds = 1, End = true } }
  })
}
resource "aws_cloudwatch_event_rule" "daily" {
  name                = "daily"
  schedule_expression = "rate(1 day)"
}
resource "aws_cloudwatch_event_target" "task" {
  rule     = aws_cloudwatch_event_rule.daily.name
  arn      = aws_ecs_cluster.c.arn
  role_arn = "arn:aws:iam::123456789012:role/m"
  ecs_target {
    task_definition_arn = "arn:aws:ecs:eu-west-1:123456789012:task-definition/t:1"
    launch_type         = "FARGATE"
    network_configuration {
      subnets         = [aws_subnet.a.id]
      security_groups = [aws_security_group.task.id]
    }
  }
}
resource "aws_scheduler_schedule" "other" {
  name                = "other"
  schedule_expression = "rate(1 day)"
  flexible_time_window {
    mode = "OFF"
  }
  target {
    arn      = aws_ecs_cluster.c.arn
    role_arn = "arn:aws:iam::123456789012:role/m"
    ecs_parameters {
      task_definition_arn = "arn:aws:ecs:eu-west-1:123456789012:task-definition/t:1"
      launch_type         = "FARGATE"
      network_configuration {
        subnets         = [aws_subnet.a.id]
        security_groups = [aws_security_group.other.id]
      }
    }
  }
}
resource "aws_lambda_event_source_mapping" "kafka" {
  function_name     = "f"
  topics            = ["t"]
  starting_position = "LATEST"
  self_managed_event_source {
    endpoints = { KAFKA_BOOTSTRAP_SERVERS = "10.0.1.10:9092" }
  }
  source_access_configuration {
    type = "VPC_SUBNET"
    uri  = "subnet:${aws_subnet.a.id}"
  }
  source_access_configuration {
    type = "VPC_SECURITY_GROUP"
    uri  = "security_group:${aws_security_group.task.id}"
  }
}
