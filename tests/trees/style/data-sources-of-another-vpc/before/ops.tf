provider "aws" {
  alias  = "east"
  region = "us-east-1"
}

data "aws_region" "east" {
  provider = aws.east
}

resource "aws_vpc" "ops" {
  cidr_block = "10.50.0.0/16"
}
