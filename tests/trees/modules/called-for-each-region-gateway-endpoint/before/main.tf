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
  alias  = "ireland"
  region = "eu-west-1"
}

module "oregon" {
  source = "./modules/stack"
  providers = {
    aws = aws.oregon
  }

  name   = "bond-ai-dev"
  region = "us-west-2"
  cidr   = "10.40.0.0/16"
}

module "ireland" {
  source = "./modules/stack"
  providers = {
    aws = aws.ireland
  }

  name   = "bond-ai-dev"
  region = "eu-west-1"
  cidr   = "10.50.0.0/16"
}
