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

  environment = "prod"
  cidr        = "10.40.0.0/16"
}
