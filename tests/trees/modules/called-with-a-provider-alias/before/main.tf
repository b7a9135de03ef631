terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

provider "aws" {
  alias  = "oregon"
  region = "us-west-2"
}

provider "aws" {
  region = "eu-west-1"
}

module "oregon" {
  source = "./modules/stack"
  providers = {
    aws.main = aws.oregon
  }
}

module "ireland" {
  source = "./modules/stack"
  providers = {
    aws.main = aws
  }
}
