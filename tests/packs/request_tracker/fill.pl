# Fills an empty Request Tracker by its own program: mails through its mail gateway, and what agents do.
# Arguments: the file of customers that people.py writes.
use strict;
use warnings;
use lib '/usr/share/request-tracker5/lib';
use RT -init;
use RT::Interface::Email;
use JSON;
use MIME::Entity;
use Encode;

my $system = RT->SystemUser;

sub done {
    my ( $id, @said ) = @_;
    die "not done: @said" unless $id;
    return $id;
}

sub made {
    my ( $class, %args ) = @_;
    my $object = $class->new($system);
    my ( $id, @said ) = $object->Create(%args);
    done( $id, $class, @said );
    return $object;
}

open my $file, '<:encoding(UTF-8)', $ARGV[0] or die $!;
my $people = decode_json( encode( 'UTF-8', do { local $/; <$file> } ) );

# --- what the desk has ---------------------------------------------------------------------------

my $queue = made( 'RT::Queue', Name => 'Support', CorrespondAddress => 'help@desk.example.org' );
my $sales = made( 'RT::Queue', Name => 'Sales' );
my $order = made( 'RT::CustomField', Name => 'Order', Type => 'FreeformSingle', LookupType => 'RT::Queue-RT::Ticket' );
my $place = made( 'RT::CustomField', Name => 'Delivery', Type => 'TextSingle', LookupType => 'RT::Queue-RT::Ticket' );
my $kind  = made( 'RT::CustomField', Name => 'Kind', Type => 'SelectSingle', LookupType => 'RT::Queue-RT::Ticket' );
my $scan  = made( 'RT::CustomField', Name => 'Scan', Type => 'BinarySingle', LookupType => 'RT::Queue-RT::Ticket' );
my $crm   = made( 'RT::CustomField', Name => 'Customer number', Type => 'FreeformSingle', LookupType => 'RT::User' );
$kind->AddValue( Name => $_ ) for qw(Fault Question);
for my $field ( $order, $place, $kind, $scan ) { done( $field->AddToObject($queue), $field->Name ) }
my $everyone = RT::User->new($system);
done( $crm->AddToObject($everyone), 'Customer number' );

my $agents = RT::Group->new($system);
done( $agents->CreateUserDefinedGroup( Name => 'Agents' ) );
done( $agents->PrincipalObj->GrantRight( Right => $_, Object => $RT::System ) )
    for qw(SeeQueue ShowTicket ShowTicketComments ReplyToTicket CommentOnTicket ModifyTicket OwnTicket CreateTicket
           SeeCustomField ModifyCustomField ShowOutgoingEmail ShowUserHistory AdminUsers ModifySelf CreateSavedSearch
           LoadSavedSearch EditSavedSearches ShowAssetsMenu ShowAsset ShowCatalog ShowArticle SeeClass);
my $all = RT::Group->new($system);
$all->LoadSystemInternalGroup('Everyone');
done( $all->PrincipalObj->GrantRight( Right => $_, Object => $RT::System ) ) for qw(CreateTicket ReplyToTicket SeeQueue);
my $requestors = RT::System->new($system)->RoleGroup('Requestor');
done( $requestors->PrincipalObj->GrantRight( Right => 'ShowTicket', Object => $RT::System ) );

my @agents;
for my $name (qw(Mette Ravi)) {
    my $agent = made( 'RT::User', Name => lc $name, RealName => "$name Kjeldgaard",
        EmailAddress => lc($name) . '@desk.example.org', Privileged => 1, Password => 'invented-agent' );
    done( $agents->AddMember( $agent->id ) );
    my $current = RT::CurrentUser->new;
    $current->Load( $agent->id );
    push @agents, $current;
}

# --- what customers do ---------------------------------------------------------------------------

sub mailed {
    my ( $message, $ticket ) = @_;
    my ( $status, $said, $got ) = RT::Interface::Email::Gateway(
        { message => $message, queue => 'Support', action => 'correspond', $ticket ? ( ticket => $ticket ) : () } );
    die "mail: $said" unless $status == 1 && $got && $got->id;
    return $got;
}

my @tickets;
for my $one (@$people) {
    my $agent = $agents[ $one->{number} % @agents ];
    my $user  = made( 'RT::User', Name => $one->{email}, EmailAddress => $one->{email}, RealName => $one->{name},
        MobilePhone => $one->{phone}, Address1 => $one->{street}, City => $one->{town},
        Comments => "Asked for the lamp of $one->{order}", Privileged => 0, Password => 'invented-customer' );
    done( $user->AddCustomFieldValue( Field => $crm, Value => "CRM-$one->{order}" ) );
    my $id = mailed( $one->{first} )->id;
    mailed( $one->{second}, $id );
    my $ticket = RT::Ticket->new($agent);
    $ticket->Load($id);
    done( $ticket->SetOwner( $agent->id ) );
    done( $ticket->AddCustomFieldValue( Field => $order, Value => $one->{order} ) );
    done( $ticket->AddCustomFieldValue( Field => $place, Value => "$one->{name}\n$one->{street}\n$one->{town}" ) );
    done( $ticket->AddCustomFieldValue( Field => $kind, Value => 'Fault' ) );
    done( $ticket->AddCustomFieldValue( Field => $scan, Value => 'scan.png', LargeContent => "\x89PNG\x00$one->{name}",
        ContentType => 'image/png' ) );
    done( $ticket->Correspond( Content => "Dear $one->{name}, the lamp of $one->{order} is on its way.", TimeTaken => 5 ) );
    done( $ticket->Comment( Content => "Rang $one->{phone}, nobody there.", TimeTaken => 1 + $one->{number} % 7 ) );
    my $html = MIME::Entity->build( Type => 'text/html', Charset => 'UTF-8', Data => [
        encode( 'UTF-8', "<p>Dear <b>$one->{name}</b>,<br>we send it to <i>$one->{street}</i>.</p>" ) ] );
    done( $ticket->Correspond( MIMEObj => $html ) );
    mailed( $one->{answer}, $id );
    done( $ticket->SetSubject("Lamp of $one->{name}") ) if $one->{number} % 3 == 0;
    done( $ticket->SetStatus('resolved') );
    # What an agent entered for them, in another queue.
    if ( $one->{number} % 2 == 0 ) {
        my $second = RT::Ticket->new($agent);
        my ( $new, @said ) = $second->Create( Queue => 'Sales', Subject => 'Offer', Requestor => $one->{email},
            Owner => $agent->id, MIMEObj => MIME::Entity->build( Type => 'text/plain', Charset => 'UTF-8',
                Data => [ encode( 'UTF-8', "An offer for $one->{name}, $one->{email}." ) ] ) );
        done( $new, @said );
        done( $second->AddLink( Type => 'RefersTo', Target => $id ) );
        done( $second->SetStatus('resolved') );
    }
    push @tickets, $id;
}

# --- what names somebody in rows of others --------------------------------------------------------

for my $place ( 0 .. $#$people ) {
    my $one = $people->[$place];
    my $ticket = RT::Ticket->new( $agents[0] );
    $ticket->Load( $tickets[ ( $place + 1 ) % @$people ] );
    done( $ticket->Comment( Content => "The same fault as that of $one->{name} ($one->{email}), see there." ) )
        if $one->{number} % 4 == 1;
    done( $ticket->AddWatcher( Type => 'Cc', Email => $one->{email} ) ) if $one->{number} % 4 == 2;
}
my $first = $people->[0];
my $search = RT::SavedSearch->new( $agents[0] );
my ( $saved, $said ) = $search->Save( Privacy => 'RT::User-' . $agents[0]->id, Name => 'The lamp', Type => 'Ticket',
    SearchParams => { Query => "Requestor.EmailAddress = '$first->{email}'", Format => '__id__', OrderBy => 'id', Order => 'ASC' } );
done( $saved, $said );
my $user = RT::User->new($system);
$user->LoadByEmail( $first->{email} );
done( $user->SetPreferences( 'Greeting', { words => "Hello $first->{name}" } ) );
done( $user->SetAddress2("Door of $first->{name}") );
my $asset = made( 'RT::Asset', Name => 'Lamp 1', Catalog => 1, HeldBy => $first->{email} );
my $class = made( 'RT::Class', Name => 'Known faults' );
my $article = made( 'RT::Article', Name => 'Dark lamps', Class => $class->id,
    Summary => "First told by $first->{name}" );
print encode_json( { tickets => \@tickets } ), "\n";
