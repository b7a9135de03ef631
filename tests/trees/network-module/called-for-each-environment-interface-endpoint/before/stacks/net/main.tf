variable "ranges" {
  type = list(string)
}

variable "cidr" {
  type = string
}

variable "name" {
  type = string
}

resource "aws_vpc" "this" {
  cidr_block = var.cidr

  tags = {
    Name = var.name
  }
}

resource "aws_internet_gateway" "this" {
  vpc_id = aws_vpc.this.id

  tags = {
    Name = "${var.name}-igw"
  }
}

resource "aws_subnet" "public" {
  vpc_id     = aws_vpc.this.id
  cidr_block = cidrsubnet(var.cidr, 8, 96)

  tags = {
    Name = "${var.name}-public-a"
  }
}

resource "aws_subnet" "private" {
  count = length(var.ranges)

  vpc_id     = aws_vpc.this.id
  cidr_block = element(var.ranges, count.index)

  tags = {
    Name = "${var.name}-private-${count.index}"
  }
}

resource "aws_route_table" "private" {
  vpc_id = aws_vpc.this.id

  tags = {
    Name = "${var.name}-private"
  }
}

resource "aws_route_table_association" "private" {
  count = length(var.ranges)

  subnet_id      = element(aws_subnet.private[*].id, count.index)
  route_table_id = aws_route_table.private.id
}

output "vpc" {
  value = aws_vpc.this.id
}

output "subnets" {
  value = aws_subnet.private[*].id
}
