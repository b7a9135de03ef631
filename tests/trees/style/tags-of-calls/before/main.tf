locals {
  name   = "bond"
  region = "us-west-2"
  tags = {
    Team = "bond"
  }
}

provider "aws" {
  region = local.region
}

terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

module "vpc" {
  source  = "terraform-aws-modules/vpc/aws"
  version = "5.21.0"

  name            = local.name
  cidr            = "10.40.0.0/16"
  azs             = ["us-west-2a", "us-west-2b"]
  private_subnets = ["10.40.0.0/20", "10.40.16.0/20"]

  tags = local.tags
}
