# An environment that calls two shared modules.
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

locals {
  name = join("-", ["bond", var.environment])
}

variable "environment" {
  type = string
}

module "network" {
  source = "../../modules/network"
  name   = local.name
}

module "app" {
  source     = "../../modules/app"
  name       = local.name
  vpc_id     = module.network.vpc_id
  subnet_ids = module.network.private_subnet_ids
}
