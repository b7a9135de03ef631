# The network team's VPC
data "aws_vpc" "existing" {
  id = var.existing_vpc_id
}

# Private subnets: the ones that give no public addresses
data "aws_subnets" "private" {
  filter {
    name   = "vpc-id"
    values = [data.aws_vpc.existing.id]
  }

  filter {
    name   = "map-public-ip-on-launch"
    values = ["false"]
  }
}
