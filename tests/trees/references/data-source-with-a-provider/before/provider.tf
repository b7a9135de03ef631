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

provider "aws" {
  alias  = "network"
  region = "us-west-2"

  assume_role {
    role_arn = "arn:aws:iam::111122223333:role/network-reader"
  }
}
