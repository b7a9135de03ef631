terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

provider "aws" {
  region = "us-east-1"
}

provider "aws" {
  alias  = "main"
  region = "us-west-2"

  default_tags {
    tags = {
      Service = "bond"
    }
  }
}
