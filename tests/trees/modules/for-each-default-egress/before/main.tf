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

module "stack" {
  source   = "./modules/stack"
  for_each = toset(["bond", "ops"])

  name = each.key
  cidr = each.key == "bond" ? "10.40.0.0/16" : "10.50.0.0/16"
}
