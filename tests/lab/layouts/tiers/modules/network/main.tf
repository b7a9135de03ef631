variable "name" {
  type = string
}

module "vpc" {
  source = "../vpc"
  name   = var.name
  cidr   = "10.57.0.0/16"
}

module "public" {
  source = "../subnets"

  name   = "${var.name}-public"
  vpc_id = module.vpc.id
  cidrs  = { us-west-2a = "10.57.8.0/24" }
}

module "private" {
  source = "../subnets"

  name   = "${var.name}-private"
  vpc_id = module.vpc.id
  cidrs  = { us-west-2a = "10.57.1.0/24", us-west-2b = "10.57.2.0/24" }
}

resource "aws_route" "internet" {
  route_table_id         = module.public.route_table_id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = module.vpc.igw_id
}

output "vpc_id" {
  value = module.vpc.id
}

output "private_subnet_ids" {
  value = module.private.ids
}
