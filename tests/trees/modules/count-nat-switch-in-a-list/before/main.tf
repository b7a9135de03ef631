terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

provider "aws" {
  region = "us-west-2"
}

variable "networks" {
  type = list(object({
    name = string
    cidr = string
    nat  = bool
  }))
  default = [
    { name = "ops", cidr = "10.50.0.0/16", nat = true },
    { name = "bond", cidr = "10.40.0.0/16", nat = false },
  ]
}

module "network" {
  source = "./modules/network"
  count  = length(var.networks)

  name = var.networks[count.index].name
  cidr = var.networks[count.index].cidr
  nat  = var.networks[count.index].nat
}

resource "aws_security_group" "app" {
  name   = "bond-app"
  vpc_id = module.network[1].vpc_id

  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_apprunner_vpc_connector" "app" {
  vpc_connector_name = "bond-ai-dev-connector"
  subnets            = module.network[1].private_subnet_ids
  security_groups    = [aws_security_group.app.id]
}

resource "aws_apprunner_service" "app" {
  service_name = "bond-ai-dev-backend"

  source_configuration {
    image_repository {
      image_identifier      = "public.ecr.aws/x/y:1"
      image_repository_type = "ECR_PUBLIC"
    }
  }

  network_configuration {
    egress_configuration {
      egress_type       = "VPC"
      vpc_connector_arn = aws_apprunner_vpc_connector.app.arn
    }
  }
}
