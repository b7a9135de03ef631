terraform {
  required_version = ">= 1.5"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }
}

provider "aws" {
  region = var.aws_region
}

locals {
  # App Runner spreads its instances over all of these
  app_runner_subnet_ids = data.aws_subnets.private.ids
}
