terraform {
  backend "s3" {
    bucket = "bond-state"
    key    = "network.tfstate"
    region = "us-west-2"
  }
}

locals {
  cidr = { dev = "10.40.0.0/16", prod = "10.41.0.0/16" }[terraform.workspace]
}

resource "aws_vpc" "this" {
  cidr_block           = local.cidr
  enable_dns_hostnames = true
}

resource "aws_subnet" "private" {
  count = 2

  vpc_id     = aws_vpc.this.id
  cidr_block = cidrsubnet(local.cidr, 4, count.index)
}

output "network" {
  value = {
    vpc_id  = aws_vpc.this.id
    subnets = aws_subnet.private[*].id
  }
}
