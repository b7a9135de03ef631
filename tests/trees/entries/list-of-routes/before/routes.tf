resource "aws_route_table" "private" {
  vpc_id = "vpc-1"

  route = [{
    carrier_gateway_id         = null
    cidr_block                 = "10.9.0.0/16"
    core_network_arn           = null
    destination_prefix_list_id = null
    egress_only_gateway_id     = null
    gateway_id                 = null
    ipv6_cidr_block            = null
    local_gateway_id           = null
    nat_gateway_id             = null
    network_interface_id       = null
    transit_gateway_id         = null
    vpc_endpoint_id            = null
    vpc_peering_connection_id  = "pcx-0a1b2c3d4e5f60718"
  }]

  tags = {
    Name = "bond-private"
  }
}
