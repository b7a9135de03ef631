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

data "aws_vpc" "bond" {
  cidr_block = "10.40.0.0/16"
}

data "aws_subnets" "private" {
  filter {
    name   = "vpc-id"
    values = [data.aws_vpc.bond.id]
  }
}

module "app" {
  source = "git::https://git.example.com/platform/modules.git//app?ref=v3.2.0"

  name       = "bond-ai-dev"
  vpc_id     = data.aws_vpc.bond.id
  subnet_ids = data.aws_subnets.private.ids
}

