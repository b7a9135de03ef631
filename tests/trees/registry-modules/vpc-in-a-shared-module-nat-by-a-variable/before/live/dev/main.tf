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

module "platform" {
  source = "../../platform"

  environment = "dev"
  cidr        = "10.50.0.0/16"
}
