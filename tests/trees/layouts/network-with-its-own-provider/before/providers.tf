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

# Only this role may change the network.
provider "aws" {
  alias  = "network"
  region = "us-west-2"

  assume_role {
    role_arn = "arn:aws:iam::123456789012:role/network"
  }
}
